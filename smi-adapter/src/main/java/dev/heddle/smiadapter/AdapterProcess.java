package dev.heddle.smiadapter;

import dev.heddle.kubernetes.Leadership;
import dev.heddle.meshapi.identity.IdentityMetrics;
import dev.heddle.meshapi.identity.IdentitySettings;
import dev.heddle.meshapi.identity.MeshTls;
import dev.heddle.meshapi.identity.Pem;
import dev.heddle.meshapi.identity.WorkloadIdentity;
import dev.heddle.meshapi.process.HealthServer;
import dev.heddle.meshapi.process.ReadinessCheck;
import dev.heddle.smiadapter.events.AcceptanceReporter;
import dev.heddle.smiadapter.events.EventPublisher;
import dev.heddle.smiadapter.events.FindingReporter;
import dev.heddle.smiadapter.events.StatusWriter;
import dev.heddle.smiadapter.kubernetes.ClusterWatch;
import dev.heddle.smiadapter.pipeline.ObservationQueue;
import dev.heddle.smiadapter.pipeline.Pipeline;
import dev.heddle.smiadapter.smi.SmiFrontEnds;
import dev.heddle.smiadapter.state.AccessControl;
import dev.heddle.smiadapter.state.Finding;
import dev.heddle.smiadapter.state.MeshSettings;
import dev.heddle.smiadapter.state.MeshState;
import dev.heddle.smiadapter.xds.ResourceStore;
import dev.heddle.smiadapter.xds.XdsLimits;
import dev.heddle.smiadapter.xds.XdsMetrics;
import dev.heddle.smiadapter.xds.XdsServer;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Wires the adapter together, starts it in order and ends it in the other. */
final class AdapterProcess implements AutoCloseable {

  private static final Logger LOGGER = LoggerFactory.getLogger(AdapterProcess.class);
  private static final String LEASE = "heddle-smi-adapter";
  private static final String TRUST_ANCHORS = "heddle-trust-anchors";
  private static final String TRUST_ANCHORS_KEY = "trust-anchors.pem";

  /** After this the kubelet may well try a fresh process. */
  private static final Duration START_LIMIT = Duration.ofMinutes(5);

  private static final Duration SYNC_CHECK = Duration.ofMillis(20);

  private final AdapterSettings settings;
  private final KubernetesClient client;
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final ResourceStore store = new ResourceStore();
  private final ScheduledExecutorService elections =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("leadership").daemon().factory());
  private final EventPublisher events;
  private final FindingReporter findings;
  private final StatusWriter statuses;
  private final AcceptanceReporter acceptances;
  private final Leadership leadership;
  private final Pipeline pipeline;
  private final ClusterWatch watch;
  private volatile @Nullable HealthServer health;
  private volatile @Nullable WorkloadIdentity identity;
  private volatile @Nullable XdsServer server;
  private volatile @Nullable WebhookProcess webhooks;
  private volatile @Nullable TelemetryProcess telemetry;

  AdapterProcess(AdapterSettings settings, KubernetesClient client) {
    this.settings = settings;
    this.client = client;
    new JvmMemoryMetrics().bindTo(registry);
    MeshSettings initial = new MeshSettings(settings.id().trustDomain(), AccessControl.PERMISSIVE);
    ObservationQueue queue = new ObservationQueue();
    this.events = new EventPublisher(client, registry, Clock.systemUTC());
    this.leadership =
        new Leadership(client, settings.meshNamespace(), LEASE, settings.podName(), elections);
    this.findings = new FindingReporter(leadership::isLeading, events::publish, registry);
    this.statuses = new StatusWriter(client, registry, Clock.systemUTC());
    this.acceptances = new AcceptanceReporter(leadership::isLeading, statuses, registry);
    this.pipeline =
        new Pipeline(
            queue, MeshState.empty(initial), store, this::found, acceptances::observed, registry);
    this.watch =
        new ClusterWatch(
            client, initial, settings.meshNamespace(), SmiFrontEnds.all(), queue::put, registry);
  }

  /**
   * Returns once proxies are served.
   *
   * @throws IOException if a port cannot be bound
   * @throws CertificateException if the trust anchors cannot be read
   */
  void start() throws IOException, CertificateException, InterruptedException {
    health =
        HealthServer.start(
            settings.healthPort(),
            Map.of("pipeline", pipeline::stopped),
            readiness(),
            registry::scrape);
    WebhookProcess answering = new WebhookProcess(settings, client, registry);
    webhooks = answering;
    watch.start();
    leadership.start(this::speak);
    WorkloadIdentity own = startIdentity();
    identity = own;
    awaitSync();
    pipeline.start();
    pipeline.awaitTranslated();
    TelemetryProcess reports =
        new TelemetryProcess(
            settings, client, own, pipeline::state, answering::metricsWindow, registry);
    telemetry = reports;
    server =
        XdsServer.start(
            settings.xdsPort(),
            MeshTls.server(own::current, settings.id().trustDomain()),
            store,
            XdsLimits.DEFAULT,
            new XdsMetrics(registry, store),
            pipeline::rejected,
            reports.services());
  }

  @Override
  public void close() {
    LOGGER.info("Ending");
    closeIfOpen(telemetry);
    closeIfOpen(server);
    watch.close();
    pipeline.close();
    leadership.close();
    elections.shutdownNow();
    events.close();
    statuses.close();
    closeIfOpen(identity);
    // Conversion is asked for until the pod is gone.
    closeIfOpen(webhooks);
    closeIfOpen(health);
    client.close();
  }

  private void found(Object origin, Collection<Finding> found) {
    findings.found(origin, found);
    acceptances.found(origin, found);
  }

  /** As the replica that speaks to users from now on. */
  private void speak() {
    findings.repeat();
    acceptances.repeat();
  }

  private Map<String, ReadinessCheck> readiness() {
    Map<String, ReadinessCheck> checks = new LinkedHashMap<>();
    checks.put(
        "watch",
        () ->
            watch.synced() ? Optional.empty() : Optional.of("not yet listed: " + watch.missing()));
    checks.put(
        "translation",
        () ->
            pipeline.translated()
                ? Optional.empty()
                : Optional.of("what was listed is not yet translated"));
    checks.put("certificate", this::missingCertificate);
    checks.put("xds", () -> server == null ? Optional.of("not yet served") : Optional.empty());
    checks.put("injector", this::missingInjector);
    return checks;
  }

  private Optional<String> missingInjector() {
    WebhookProcess own = webhooks;
    return own == null ? Optional.of("not yet started") : own.missing();
  }

  private Optional<String> missingCertificate() {
    WorkloadIdentity own = identity;
    return own != null && own.current().isPresent()
        ? Optional.empty()
        : Optional.of("the CA at " + settings.certificateAuthorityAddress() + " gave none yet");
  }

  private WorkloadIdentity startIdentity() throws CertificateException {
    return WorkloadIdentity.start(
        new IdentitySettings(
            settings.certificateAuthorityAddress(),
            settings.meshNamespace(),
            settings.id(),
            settings.tokenFile(),
            awaitTrustAnchors(),
            null),
        new CertificateMetrics(registry));
  }

  /** The CA writes them on its first start, which may be later than ours. */
  private List<X509Certificate> awaitTrustAnchors() throws CertificateException {
    ConfigMap anchors =
        client
            .configMaps()
            .inNamespace(settings.meshNamespace())
            .withName(TRUST_ANCHORS)
            .waitUntilCondition(
                object ->
                    object != null
                        && object.getData() != null
                        && object.getData().containsKey(TRUST_ANCHORS_KEY),
                START_LIMIT.toSeconds(),
                TimeUnit.SECONDS);
    return Pem.certificates(anchors.getData().getOrDefault(TRUST_ANCHORS_KEY, ""));
  }

  private void awaitSync() throws InterruptedException {
    long start = System.nanoTime();
    while (!watch.synced()) {
      if (System.nanoTime() - start > START_LIMIT.toNanos()) {
        throw new IllegalStateException(
            "not listed within " + START_LIMIT + ": " + watch.missing());
      }
      TimeUnit.NANOSECONDS.sleep(SYNC_CHECK.toNanos());
    }
    LOGGER.info("Everything is listed");
  }

  private static void closeIfOpen(@Nullable AutoCloseable closeable) {
    if (closeable == null) {
      return;
    }
    try {
      closeable.close();
    } catch (Exception e) {
      LOGGER.warn("{} did not end cleanly", closeable.getClass().getSimpleName(), e);
    }
  }

  /** Shows how long the adapter's own certificate lasts. */
  private static final class CertificateMetrics implements IdentityMetrics {
    private final PrometheusMeterRegistry registry;
    private volatile Instant notAfter = Instant.EPOCH;

    CertificateMetrics(PrometheusMeterRegistry registry) {
      this.registry = registry;
      registry.gauge(
          "heddle_certificate_expiry_seconds", this, metrics -> metrics.notAfter.getEpochSecond());
    }

    @Override
    public void renewed(Instant newNotAfter) {
      notAfter = newNotAfter;
    }

    @Override
    public void renewalFailed() {
      registry.counter("heddle_certificate_renewal_failures").increment();
    }
  }
}
