package dev.heddle.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.heddle.dataplane.bootstrap.BootstrapReader;
import dev.heddle.dataplane.settings.ProcessSettings;
import dev.heddle.dataplane.twin.StockEnvoy;
import dev.heddle.dataplane.twin.TwinCase;
import dev.heddle.dataplane.twin.TwinProxy;
import dev.heddle.dataplane.twin.TwinRun;
import dev.heddle.meshapi.process.LogLevel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** What a stock Envoy does by a bootstrap file, Heddle's proxy does by the same. */
final class TwinTest {

  private static final Path CASES = Path.of("src/test/resources/twin");

  @TempDir private Path directory;

  @TestFactory
  Stream<DynamicContainer> behavesAsEnvoyDoes() throws IOException {
    List<TwinCase> cases = TwinCase.all(CASES);
    assertThat(cases).isNotEmpty();
    return cases.stream()
        .map(twin ->
            DynamicContainer.dynamicContainer(
                twin.name(),
                List.of(
                    DynamicTest.dynamicTest(
                        "Envoy", () -> TwinRun.run(twin, TwinTest::envoy, own(twin, "envoy"))),
                    DynamicTest.dynamicTest(
                        "Heddle",
                        () -> TwinRun.run(twin, TwinTest::heddle, own(twin, "heddle"))))));
  }

  private Path own(TwinCase twin, String proxy) throws IOException {
    return Files.createDirectories(directory.resolve(twin.name()).resolve(proxy));
  }

  private static TwinProxy envoy(Path bootstrap, Path directory) throws Exception {
    return StockEnvoy.start(StockEnvoy.executable(), bootstrap, directory);
  }

  private static TwinProxy heddle(Path bootstrap, Path directory) throws Exception {
    var read = BootstrapReader.read(bootstrap);
    ProcessSettings settings =
        new ProcessSettings(1, false, LogLevel.INFO, Duration.ofSeconds(5), 0, read.admin());
    Proxy proxy = Proxy.standalone(settings, read);
    return new TwinProxy() {
      @Override
      public InetSocketAddress address(String listener) {
        return await().until(() -> proxy.address(listener), address -> address != null);
      }

      @Override
      public void close() {
        proxy.close();
      }
    };
  }
}
