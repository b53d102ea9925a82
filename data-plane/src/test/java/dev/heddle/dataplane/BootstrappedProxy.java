package dev.heddle.dataplane;

import static org.awaitility.Awaitility.await;

import dev.heddle.dataplane.bootstrap.BootstrapReader;
import dev.heddle.dataplane.bootstrap.StandaloneConfiguration;
import dev.heddle.dataplane.settings.ProcessSettings;
import dev.heddle.meshapi.process.LogLevel;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** A whole proxy on its own in the test's process, by the text of a bootstrap file. */
public final class BootstrappedProxy implements AutoCloseable {
  private final Proxy proxy;

  private BootstrappedProxy(Proxy proxy) {
    this.proxy = proxy;
  }

  /**
   * Starts a proxy; it serves when this returns.
   *
   * @param directory where the file is written
   */
  public static BootstrappedProxy start(Path directory, String bootstrap) throws Exception {
    StandaloneConfiguration configuration =
        BootstrapReader.read(Files.writeString(directory.resolve("bootstrap.yaml"), bootstrap));
    Proxy proxy =
        Proxy.standalone(
            new ProcessSettings(1, false, LogLevel.INFO, Duration.ZERO, 0, null), configuration);
    for (String listener : configuration.resources().listeners().keySet()) {
      await().until(() -> proxy.address(listener) != null);
    }
    return new BootstrappedProxy(proxy);
  }

  public InetSocketAddress address(String listener) {
    InetSocketAddress address = proxy.address(listener);
    if (address == null) {
      throw new AssertionError(listener + " is not bound");
    }
    return address;
  }

  @Override
  public void close() {
    proxy.close();
  }
}
