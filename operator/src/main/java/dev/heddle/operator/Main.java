package dev.heddle.operator;

import dev.heddle.meshapi.process.BuildIdentity;
import dev.heddle.meshapi.process.Environment;
import dev.heddle.meshapi.process.HealthServer;
import dev.heddle.meshapi.process.Logging;
import dev.heddle.meshapi.process.ReadinessCheck;
import dev.heddle.operator.reconcile.MeshInstallReconciler;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.config.ConfigurationServiceOverrider;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfiguration;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfigurationBuilder;
import io.javaoperatorsdk.operator.monitoring.micrometer.MicrometerMetrics;
import io.javaoperatorsdk.operator.processing.retry.GenericRetry;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts the operator, in a pod or, with a kubeconfig, anywhere. */
public final class Main {
  private static final Logger LOG = LoggerFactory.getLogger(Main.class);
  private static final String NAME = "heddle-operator";
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
  private static final Duration LAST_RETRY = Duration.ofMinutes(1);

  private Main() {}

  /** Runs until the process is told to stop. */
  public static void main(String[] arguments) throws InterruptedException {
    BuildIdentity.verifyOrExit();
    OperatorSettings settings = OperatorSettings.of(Environment.ofProcess());
    Logging.configure(settings.logLevel());
    CountDownLatch stopped = new CountDownLatch(1);
    try {
      run(settings, stopped);
    } catch (IOException | RuntimeException e) {
      LOG.error("Not started", e);
      System.exit(1);
    }
    stopped.await();
  }

  private static void run(OperatorSettings settings, CountDownLatch stopped) throws IOException {
    PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    new JvmMemoryMetrics().bindTo(meters);
    new JvmThreadMetrics().bindTo(meters);
    JvmGcMetrics garbageCollection = new JvmGcMetrics();
    garbageCollection.bindTo(meters);

    KubernetesClient client = new KubernetesClientBuilder().build();
    AtomicBoolean stopping = new AtomicBoolean();
    Operator operator =
        new Operator(overrides -> configure(overrides, settings, client, meters, stopping));
    operator.register(
        new MeshInstallReconciler(settings.release(), Clock.systemUTC(), meters),
        controller ->
            controller
                .withFieldManager(NAME)
                .withRetry(
                    new GenericRetry()
                        .setInitialInterval(FIRST_RETRY)
                        .setMaxInterval(LAST_RETRY.toMillis())
                        .withoutMaxAttempts()));
    HealthServer health =
        HealthServer.start(
            settings.healthPort(),
            Map.of(),
            Map.of("started", started(operator), "watches", watching(operator)),
            meters::scrape);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  stopping.set(true);
                  operator.stop();
                  health.close();
                  garbageCollection.close();
                  stopped.countDown();
                },
                "stop"));
    operator.start();
    LOG.info(
        "Started; images {} of registry '{}', health on port {}",
        settings.release().tag(),
        settings.release().registry(),
        health.port());
  }

  private static ReadinessCheck started(Operator operator) {
    return () ->
        operator.getRuntimeInfo().isStarted() ? Optional.empty() : Optional.of("not started");
  }

  private static ReadinessCheck watching(Operator operator) {
    return () -> {
      Map<?, ?> unhealthy = operator.getRuntimeInfo().unhealthyEventSources();
      return unhealthy.values().stream().allMatch(sources -> ((Map<?, ?>) sources).isEmpty())
          ? Optional.empty()
          : Optional.of("not watching: " + unhealthy);
    };
  }

  private static void configure(
      ConfigurationServiceOverrider overrides,
      OperatorSettings settings,
      KubernetesClient client,
      PrometheusMeterRegistry meters,
      AtomicBoolean stopping) {
    overrides
        .withKubernetesClient(client)
        .withMetrics(MicrometerMetrics.withoutPerResourceMetrics(meters))
        .withReconciliationTerminationTimeout(STOP_TIMEOUT)
        // Field managers say who set what; a copy of the whole object in an annotation is not
        // needed.
        .withPreviousAnnotationForDependentResources(false);
    settings
        .podName()
        .ifPresent(pod ->
            overrides.withLeaderElectionConfiguration(
                leadership(settings.release().operatorNamespace(), pod, stopping)));
  }

  /**
   * Ends the process when the leadership is lost, but not when it is given up by stopping: the
   * framework's own exit would wait for the shutdown that waits for it.
   */
  private static LeaderElectionConfiguration leadership(
      String namespace, String pod, AtomicBoolean stopping) {
    return LeaderElectionConfigurationBuilder.aLeaderElectionConfiguration(NAME)
        .withLeaseNamespace(namespace)
        .withIdentity(pod)
        .withExitOnStopLeading(false)
        .withLeaderCallbacks(
            new LeaderCallbacks(
                () -> LOG.info("Leading as {}", pod),
                () -> {
                  if (!stopping.get()) {
                    LOG.error("Lost the leadership; ending, so that another replica acts alone");
                    System.exit(1);
                  }
                },
                leader -> LOG.info("The leader is {}", leader)))
        .build();
  }
}
