package dev.heddle.dataplane;

import dev.heddle.dataplane.bootstrap.BootstrapReader;
import dev.heddle.dataplane.bootstrap.InvalidBootstrapException;
import dev.heddle.dataplane.bootstrap.StandaloneConfiguration;
import dev.heddle.dataplane.settings.ProcessSettings;
import dev.heddle.dataplane.settings.SidecarSettings;
import dev.heddle.meshapi.process.BuildIdentity;
import dev.heddle.meshapi.process.Environment;
import dev.heddle.meshapi.process.InvalidSettingException;
import dev.heddle.meshapi.process.Logging;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The proxy as a process. SIGTERM drains it and ends it with status 0. */
public final class Main {

  private Main() {}

  public static void main(String[] arguments) {
    BuildIdentity.verifyOrExit();
    try {
      switch (CommandLine.parse(List.of(arguments))) {
        case CommandLine.Help _ -> System.out.print(CommandLine.USAGE);
        case CommandLine.Version _ -> System.out.println(BuildIdentity.compiled());
        case CommandLine.Validate validate -> {
          BootstrapReader.read(validate.config());
          System.out.println(validate.config() + ": valid");
        }
        case CommandLine.Serve serve -> serve(serve.config(), serve.concurrency());
      }
    } catch (InvalidSettingException | InvalidBootstrapException | StartException e) {
      System.err.println("heddle-proxy: " + e.getMessage());
      System.exit(1);
    }
  }

  private static void serve(@Nullable Path config, @Nullable Integer concurrency)
      throws InvalidBootstrapException, StartException {
    Environment environment = Environment.ofProcess();
    ProcessSettings settings = ProcessSettings.from(environment, concurrency);
    Logging.configure(settings.logLevel());
    Proxy proxy;
    if (config == null) {
      proxy =
          Proxy.sidecar(
              settings, SidecarSettings.from(environment), SidecarResources.OUTBOUND_PORT);
    } else {
      StandaloneConfiguration bootstrap = BootstrapReader.read(config);
      proxy = Proxy.standalone(settings.withAdmin(bootstrap.admin()), bootstrap);
    }
    Runtime.getRuntime().addShutdownHook(new Thread(() -> end(proxy), "end"));
    Logger logger = LoggerFactory.getLogger(Main.class);
    long start = ManagementFactory.getRuntimeMXBean().getStartTime();
    logger.info(
        "Started build {} in {} ms", BuildIdentity.compiled(), System.currentTimeMillis() - start);
  }

  /** The JVM would end with the number of the signal; a drained proxy has ended well. */
  private static void end(Proxy proxy) {
    proxy.drain();
    proxy.close();
    Runtime.getRuntime().halt(0);
  }
}
