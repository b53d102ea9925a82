package dev.heddle.smiadapter;

import dev.heddle.meshapi.process.BuildIdentity;
import dev.heddle.meshapi.process.Environment;
import dev.heddle.meshapi.process.InvalidSettingException;
import dev.heddle.meshapi.process.LogLevel;
import dev.heddle.meshapi.process.Logging;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The control plane as a process. */
public final class Main {

  private static final Logger LOGGER = LoggerFactory.getLogger(Main.class);

  private Main() {}

  /** Runs until the process is told to end, or cannot begin. */
  public static void main(String[] arguments) throws InterruptedException {
    BuildIdentity.verifyOrExit();
    AdapterSettings settings;
    try {
      Environment environment = Environment.ofProcess();
      Logging.configure(LogLevel.from(environment));
      settings = AdapterSettings.from(environment);
    } catch (InvalidSettingException e) {
      System.err.println(e.getMessage());
      System.exit(1);
      return;
    }
    AdapterProcess process = new AdapterProcess(settings, new KubernetesClientBuilder().build());
    CountDownLatch ended = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .name("shutdown")
                .unstarted(() -> {
                  process.close();
                  ended.countDown();
                }));
    try {
      process.start();
    } catch (Exception e) {
      LOGGER.error("The adapter cannot start", e);
      System.exit(1);
    }
    ended.await();
  }
}
