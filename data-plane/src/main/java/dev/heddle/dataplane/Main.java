package dev.heddle.dataplane;

import dev.heddle.dataplane.bootstrap.BootstrapReader;
import dev.heddle.dataplane.bootstrap.InvalidBootstrapException;
import dev.heddle.dataplane.bootstrap.StandaloneConfiguration;
import dev.heddle.dataplane.footprint.PageRelease;
import dev.heddle.dataplane.scheduling.PromptEventLoops;
import dev.heddle.dataplane.settings.ProcessSettings;
import dev.heddle.dataplane.settings.SidecarSettings;
import dev.heddle.meshapi.process.BuildIdentity;
import dev.heddle.meshapi.process.Environment;
import dev.heddle.meshapi.process.InvalidSettingException;
import dev.heddle.meshapi.process.Logging;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
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
        case CommandLine.Version _ ->
            System.out.println("heddle-proxy, build " + BuildIdentity.compiled());
        case CommandLine.Validate validate -> {
          validate(validate.config());
          System.out.println(validate.config() + ": valid");
        }
        case CommandLine.Serve serve -> serve(serve.config(), serve.concurrency());
      }
    } catch (InvalidSettingException | InvalidBootstrapException | StartException e) {
      System.err.println("heddle-proxy: " + e.getMessage());
      System.exit(1);
    }
  }

  private static void validate(Path config) throws InvalidBootstrapException, StartException {
    StandaloneConfiguration.ControlPlane controlPlane = BootstrapReader.read(config).controlPlane();
    if (controlPlane != null) {
      StaticTls.client(controlPlane.tls());
    }
  }

  private static void serve(@Nullable Path config, @Nullable Integer concurrency)
      throws InvalidBootstrapException, StartException {
    Environment environment = Environment.ofProcess();
    ProcessSettings settings = ProcessSettings.from(environment, concurrency);
    Logging.configure(settings.logLevel());
    Logger logger = LoggerFactory.getLogger(Main.class);
    Proxy proxy;
    if (config == null) {
      // In a pod nobody is trusted but by the mesh's own anchors. Left alone, the JDK would keep
      // its hundred and fifty roots from the first TLS context that is its own.
      System.setProperty("javax.net.ssl.trustStore", "NONE");
      proxy =
          Proxy.sidecar(
              settings, SidecarSettings.from(environment), SidecarResources.OUTBOUND_PORT);
    } else {
      StandaloneConfiguration bootstrap = BootstrapReader.read(config);
      InetSocketAddress admin = bootstrap.admin();
      if (admin != null && !admin.getAddress().isLoopbackAddress()) {
        logger.warn(
            "The admin pages listen on {}: whoever reaches that address can read the"
                + " configuration and drain the proxy, without a password",
            admin);
      }
      proxy = Proxy.standalone(settings.withAdmin(admin), bootstrap);
    }
    Runtime.getRuntime().addShutdownHook(new Thread(() -> end(proxy), "end"));
    proxy.observe(PageRelease.start());
    PromptEventLoops.start(proxy.eventLoops());
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
