package dev.heddle.ca;

import dev.heddle.ca.signing.CertificateServer;
import dev.heddle.meshapi.process.BuildIdentity;
import dev.heddle.meshapi.process.Environment;
import dev.heddle.meshapi.process.HealthServer;
import dev.heddle.meshapi.process.InvalidSettingException;
import dev.heddle.meshapi.process.LogLevel;
import dev.heddle.meshapi.process.Logging;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;

/** Starts the CA with the settings of its environment. */
public final class Main {
  private static final int REQUEST_TIMEOUT_MILLISECONDS = 5_000;
  private static final int CONNECTION_TIMEOUT_MILLISECONDS = 3_000;

  private Main() {}

  /**
   * Runs until the process is told to end.
   *
   * @throws IOException if a port cannot be bound
   */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    BuildIdentity.verifyOrExit();
    CaSettings settings;
    try {
      Environment environment = Environment.ofProcess();
      Logging.configure(LogLevel.from(environment));
      settings = CaSettings.from(environment);
    } catch (InvalidSettingException e) {
      System.err.println(e.getMessage());
      System.exit(1);
      return;
    }
    Config configuration =
        new ConfigBuilder()
            .withRequestTimeout(REQUEST_TIMEOUT_MILLISECONDS)
            .withConnectionTimeout(CONNECTION_TIMEOUT_MILLISECONDS)
            // Callers try again themselves, with back-off.
            .withRequestRetryBackoffLimit(0)
            .build();
    CertificateAuthorityProcess process =
        new CertificateAuthorityProcess(
            settings,
            new KubernetesClientBuilder().withConfig(configuration).build(),
            CertificateServer.PORT,
            HealthServer.PORT);
    CountDownLatch ended = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .name("shutdown")
                .unstarted(() -> {
                  process.close();
                  ended.countDown();
                }));
    ended.await();
  }
}
