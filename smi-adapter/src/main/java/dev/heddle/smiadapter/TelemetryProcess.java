package dev.heddle.smiadapter;

import dev.heddle.meshapi.identity.CallerIdentity;
import dev.heddle.meshapi.identity.MeshTls;
import dev.heddle.meshapi.identity.WorkloadIdentity;
import dev.heddle.smiadapter.aggregated.MetricsApiProcess;
import dev.heddle.smiadapter.state.MeshState;
import dev.heddle.smiadapter.state.ObjectName;
import dev.heddle.smiadapter.telemetry.MeshTraffic;
import dev.heddle.smiadapter.telemetry.ReplicaAddresses;
import dev.heddle.smiadapter.telemetry.ReplicaWindow;
import dev.heddle.smiadapter.telemetry.Replicas;
import dev.heddle.smiadapter.telemetry.ReportReceiver;
import dev.heddle.smiadapter.telemetry.SlidingWindow;
import dev.heddle.smiadapter.telemetry.TelemetryMetrics;
import dev.heddle.smiadapter.webhook.ReloadedKey;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.grpc.BindableService;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Traffic metrics of the adapter: what proxies report to, and what users ask. */
final class TelemetryProcess implements AutoCloseable {

  private static final Logger LOGGER = LoggerFactory.getLogger(TelemetryProcess.class);
  private static final String SERVICE = "heddle-smi-adapter";
  private static final Duration SWEEP = Duration.ofSeconds(10);

  private final SlidingWindow window;
  private final ReportReceiver receiver;
  private final ReplicaWindow replicaWindow;
  private final Replicas replicas;
  private final MetricsApiProcess api;
  private final ScheduledExecutorService sweeper =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("telemetry").daemon().factory());

  /**
   * Serves the API from now on, and proxies as soon as {@link #services} are served.
   *
   * @param span how far back is told
   * @throws IOException if the port cannot be bound
   */
  TelemetryProcess(
      AdapterSettings settings,
      KubernetesClient client,
      WorkloadIdentity identity,
      Supplier<MeshState> state,
      Supplier<Duration> span,
      MeterRegistry registry)
      throws IOException {
    this.window = new SlidingWindow(span, SlidingWindow.MAX_EDGES, System::nanoTime);
    TelemetryMetrics metrics = new TelemetryMetrics(registry, window);
    this.receiver =
        new ReportReceiver(
            pod -> state.get().workload(pod), CallerIdentity::current, window, metrics);
    this.replicaWindow = new ReplicaWindow(window, settings.id(), CallerIdentity::current, metrics);
    ObjectName service = new ObjectName(settings.meshNamespace(), SERVICE);
    ObjectName self = new ObjectName(settings.meshNamespace(), settings.podName());
    this.replicas =
        new Replicas(
            () -> ReplicaAddresses.of(state.get(), service, self),
            MeshTls.client(identity::current, settings.id()),
            metrics);
    this.api =
        new MetricsApiProcess(
            settings.metricsApiPort(),
            new ReloadedKey(settings.webhookCertificateDirectory()),
            client,
            state,
            new MeshTraffic(window, replicas, Clock.systemUTC(), System::nanoTime),
            registry);
    Future<?> _ =
        sweeper.scheduleAtFixedRate(
            this::sweep, SWEEP.toMillis(), SWEEP.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** What is served to proxies and to other replicas. */
  List<BindableService> services() {
    return List.of(receiver, replicaWindow);
  }

  private void sweep() {
    try {
      window.sweep();
      receiver.sweep();
    } catch (RuntimeException e) {
      // An exception would end the schedule.
      LOGGER.error("Old traffic metrics could not be forgotten", e);
    }
  }

  @Override
  public void close() {
    api.close();
    replicas.close();
    sweeper.shutdownNow();
  }
}
