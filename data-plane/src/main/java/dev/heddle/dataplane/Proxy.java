package dev.heddle.dataplane;

import dev.heddle.dataplane.admin.AdminPages;
import dev.heddle.dataplane.admin.AdminServer;
import dev.heddle.dataplane.admin.Readiness;
import dev.heddle.dataplane.bootstrap.StandaloneConfiguration;
import dev.heddle.dataplane.config.ProxyConfiguration;
import dev.heddle.dataplane.config.Workload;
import dev.heddle.dataplane.discovery.BoundDiscovery;
import dev.heddle.dataplane.discovery.OnDemandDiscovery;
import dev.heddle.dataplane.footprint.PageRelease;
import dev.heddle.dataplane.lifecycle.Drain;
import dev.heddle.dataplane.settings.PodSettings;
import dev.heddle.dataplane.settings.ProcessSettings;
import dev.heddle.dataplane.settings.SidecarSettings;
import dev.heddle.dataplane.telemetry.AccessLog;
import dev.heddle.dataplane.telemetry.ProcessMetrics;
import dev.heddle.dataplane.telemetry.TrafficMetrics;
import dev.heddle.dataplane.telemetry.TrafficObserver;
import dev.heddle.dataplane.telemetry.TrafficObservers;
import dev.heddle.dataplane.telemetry.report.TrafficReporter;
import dev.heddle.dataplane.transport.SocketSettings;
import dev.heddle.dataplane.transport.Transport;
import dev.heddle.dataplane.xds.ControlPlaneChannel;
import dev.heddle.dataplane.xds.ControlPlaneClient;
import dev.heddle.dataplane.xds.GrpcChannel;
import dev.heddle.dataplane.xds.LastGoodResources;
import dev.heddle.dataplane.xds.SharedChannel;
import dev.heddle.dataplane.xds.translation.ResourceTranslator;
import dev.heddle.dataplane.xds.translation.SecretSource;
import dev.heddle.meshapi.identity.MeshTls;
import dev.heddle.meshapi.identity.WorkloadIdentity;
import dev.heddle.meshapi.process.HealthServer;
import dev.heddle.meshapi.process.Logging;
import dev.heddle.meshapi.process.ReadinessCheck;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.util.concurrent.EventExecutorGroup;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.random.RandomGenerator;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A whole proxy, put together by hand: in a pod ({@link #sidecar}), or on its own ({@link
 * #standalone}).
 */
final class Proxy implements AutoCloseable {

  private static final Logger LOGGER = LoggerFactory.getLogger(Proxy.class);

  /** What a drain waits at most for a collector. */
  private static final Duration SPAN_FLUSH_TIMEOUT = Duration.ofSeconds(2);

  /** What is closed in the end, last opened first. */
  private final Deque<AutoCloseable> open = new ArrayDeque<>();

  private final CountDownLatch ended = new CountDownLatch(1);
  private final ProcessSettings settings;
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final ProcessMetrics metrics = new ProcessMetrics(registry);
  private final Transport transport;
  private final PublishedConfiguration configuration;
  private @Nullable WorkloadIdentity identity;
  private @Nullable ControlPlaneClient controlPlane;
  private @Nullable DataPath dataPath;
  private @Nullable Drain drain;

  private Proxy(ProcessSettings settings, ProxyConfiguration resources) {
    this.settings = settings;
    this.transport = open(Transport.open(settings.concurrency(), SocketSettings.DEFAULT));
    this.configuration = new PublishedConfiguration(resources);
  }

  /**
   * Starts a proxy in a pod: it serves what it kept at once, and asks CA and control plane
   * meanwhile.
   *
   * @param outboundPort where the pod's redirect sends what leaves it
   * @throws StartException if something that cannot be waited for is missing
   */
  static Proxy sidecar(ProcessSettings process, SidecarSettings sidecar, int outboundPort)
      throws StartException {
    Proxy proxy = new Proxy(process, SidecarResources.of(outboundPort));
    return proxy.started(() -> proxy.startSidecar(sidecar));
  }

  /**
   * Starts a proxy by a bootstrap file.
   *
   * @throws StartException if something that cannot be waited for is missing
   */
  static Proxy standalone(ProcessSettings process, StandaloneConfiguration bootstrap)
      throws StartException {
    Proxy proxy = new Proxy(process, bootstrap.resources());
    return proxy.started(() -> proxy.startStandalone(bootstrap));
  }

  /** A part of the start. */
  private interface Start {
    void run() throws StartException;
  }

  private Proxy started(Start start) throws StartException {
    try {
      start.run();
      return this;
    } catch (StartException | RuntimeException e) {
      close();
      throw e;
    }
  }

  private void startSidecar(SidecarSettings sidecar) throws StartException {
    PodSettings pod = sidecar.pod();
    // First, because the CA takes longest to answer.
    WorkloadIdentity workload = open(WorkloadIdentity.start(sidecar.identity(), metrics));
    identity = workload;

    String inbound = SidecarResources.inboundListener(pod.namespace(), pod.name());
    SharedChannel channel = new SharedChannel(meshChannel(sidecar, workload));
    ControlPlaneClient client =
        open(
            new ControlPlaneClient(
                Node.newBuilder()
                    .setId(pod.namespace() + "/" + pod.name())
                    .setUserAgentName("heddle")
                    .build(),
                channel,
                new ResourceTranslator(SecretSource.WORKLOAD),
                configuration.current().clusters().keySet(),
                sidecar.stateDirectory() == null
                    ? null
                    : new LastGoodResources(sidecar.stateDirectory()),
                configuration::publish,
                metrics));
    controlPlane = client;
    OnDemandDiscovery discovery =
        new OnDemandDiscovery(
            client,
            configuration,
            transport.eventLoops(),
            OnDemandDiscovery.Limits.DEFAULT,
            System::nanoTime);
    metrics.gauge("heddle_discovery_destinations", "Destinations remembered", discovery::size);
    client.restore(discovery::restored);
    client.addPermanentListener(inbound);
    workload.onChange(certificate -> client.connect());

    DataPath path =
        serve(
            new DataPath.Surroundings(
                configuration,
                discovery,
                () -> workload.current().orElse(null),
                pod.ip()::equals,
                pod.workload(),
                new TrafficObservers(
                    observer(pod.workload(), pod.id().trustDomain()), report(pod, channel)),
                registry));
    Map<String, ReadinessCheck> conditions = new LinkedHashMap<>();
    conditions.put(
        "certificate",
        () ->
            workload.current().isPresent()
                ? Optional.empty()
                : Optional.of("none yet from " + sidecar.identity().certificateAuthorityAddress()));
    conditions.put(
        "configuration",
        () ->
            configuration.current().listeners().containsKey(inbound)
                ? Optional.empty()
                : Optional.of(
                    "listener " + inbound + " not yet received from " + sidecar.controlPlane()));
    conditions.put("listeners", listening(path));
    offer(conditions, path);
  }

  private ControlPlaneChannel meshChannel(SidecarSettings sidecar, WorkloadIdentity workload)
      throws StartException {
    try {
      return new GrpcChannel(
          sidecar.controlPlane().host(),
          sidecar.controlPlane().port(),
          MeshTls.client(workload::current, sidecar.controlPlaneId()),
          transport.eventLoops());
    } catch (SSLException e) {
      throw new StartException("No TLS towards the control plane: " + e.getMessage(), e);
    }
  }

  private void startStandalone(StandaloneConfiguration bootstrap) throws StartException {
    StandaloneConfiguration.ControlPlane server = bootstrap.controlPlane();
    if (server != null) {
      ControlPlaneClient client =
          open(
              new ControlPlaneClient(
                  server.node(),
                  new GrpcChannel(
                      server.address().getHostString(),
                      server.address().getPort(),
                      StaticTls.client(server.tls()),
                      transport.eventLoops()),
                  new ResourceTranslator(bootstrap.secrets()),
                  configuration.current().clusters().keySet(),
                  null,
                  configuration::publish,
                  metrics));
      controlPlane = client;
      client.addAllListeners();
      client.connect();
    }
    DataPath path =
        serve(
            new DataPath.Surroundings(
                configuration,
                new BoundDiscovery(configuration),
                () -> null,
                address -> false,
                Workload.UNKNOWN,
                observer(Workload.UNKNOWN, ""),
                registry));
    Map<String, ReadinessCheck> conditions = new LinkedHashMap<>();
    conditions.put(
        "configuration",
        () ->
            configuration.current().listeners().isEmpty()
                ? Optional.of("no listener received yet")
                : Optional.empty());
    conditions.put("listeners", listening(path));
    offer(conditions, path);
  }

  private static ReadinessCheck listening(DataPath path) {
    return () ->
        path.listeners().allBound() ? Optional.empty() : Optional.of("not all sockets are bound");
  }

  private TrafficObserver observer(Workload workload, String trustDomain) {
    TrafficMetrics traffic = new TrafficMetrics(registry, workload, trustDomain);
    if (!settings.accessLog()) {
      return traffic;
    }
    AccessLog log = open(AccessLog.start(new FileOutputStream(FileDescriptor.out)));
    metrics.counter("heddle_access_log_dropped", "Lines not written", log::dropped);
    return new TrafficObservers(traffic, log);
  }

  private TrafficObserver report(PodSettings pod, SharedChannel channel) {
    TrafficReporter reporter =
        open(
            TrafficReporter.start(
                pod.name(),
                channel::current,
                TrafficReporter.INTERVAL,
                RandomGenerator.getDefault()));
    metrics.gauge("heddle_telemetry_edges", "Peers told apart in reports", reporter::edges);
    metrics.gauge(
        "heddle_telemetry_edges_full",
        "1 while there are more peers than are told apart",
        () -> reporter.full() ? 1 : 0);
    metrics.counter("heddle_telemetry_reports", "Reports acknowledged", reporter::reports);
    metrics.counter(
        "heddle_telemetry_lost_requests",
        "Requests that the control plane will not hear of",
        reporter::lostRequests);
    return reporter.observer();
  }

  private DataPath serve(DataPath.Surroundings surroundings) {
    DataPath path = new DataPath(transport, surroundings);
    dataPath = path;
    configuration.onChange(path::apply);
    return path;
  }

  private void offer(Map<String, ReadinessCheck> conditions, DataPath path) throws StartException {
    if (controlPlane != null) {
      metrics.observe(controlPlane::status);
    }
    Readiness readiness = new Readiness(conditions);
    Drain ending =
        new Drain(
            readiness::drain,
            path.listeners()::stopAccepting,
            path.connections(),
            Duration.ZERO,
            settings.drainTimeout());
    drain = ending;
    AdminPages pages =
        new AdminPages(
            configuration,
            () -> identity == null ? Optional.empty() : identity.current(),
            () -> Optional.ofNullable(controlPlane).map(ControlPlaneClient::status));
    bind(
        "health port " + settings.healthPort(),
        () ->
            open(
                HealthServer.start(
                    settings.healthPort(), Map.of(), readiness.checks(), registry::scrape)));
    InetSocketAddress admin = settings.admin();
    if (admin != null) {
      bind(
          "admin address " + admin,
          () ->
              open(
                  AdminServer.start(
                      admin,
                      new AdminServer.Pages(
                          pages::configuration,
                          readiness,
                          registry::scrape,
                          () -> Thread.ofPlatform().name("drain").start(this::drain),
                          Logging::setLevel),
                      settings.logLevel())));
    }
  }

  /** Opening something that listens. */
  private interface Binding {
    void open() throws IOException;
  }

  private static void bind(String what, Binding binding) throws StartException {
    try {
      binding.open();
    } catch (IOException e) {
      throw new StartException("Cannot listen on " + what + ": " + e.getMessage(), e);
    }
  }

  /** The threads that serve connections. */
  EventExecutorGroup eventLoops() {
    return transport.eventLoops();
  }

  /** Shows whether pages are given back. */
  void observe(PageRelease pages) {
    metrics.gauge(
        "heddle_page_release_failed",
        "1 once pages that are not used stay resident, because giving them back has failed",
        () -> pages.failed() ? 1 : 0);
  }

  /** Finishes what is in flight; see {@link Drain}. */
  void drain() {
    try {
      if (drain != null) {
        drain.run();
      }
      if (dataPath != null && !dataPath.flushSpans(SPAN_FLUSH_TIMEOUT)) {
        LOGGER.warn("Spans of the last requests are lost: no answer in {}", SPAN_FLUSH_TIMEOUT);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Where a listener is bound; null while it is not. */
  @Nullable InetSocketAddress address(String listener) {
    return dataPath == null ? null : dataPath.listeners().address(listener);
  }

  PublishedConfiguration configuration() {
    return configuration;
  }

  /** As Prometheus reads them. */
  String metrics() {
    return registry.scrape();
  }

  /** Returns when the proxy has been closed. */
  void awaitEnd() throws InterruptedException {
    ended.await();
  }

  /** Cuts what is left and frees everything. */
  @Override
  public void close() {
    while (!open.isEmpty()) {
      AutoCloseable next = open.pop();
      try {
        next.close();
      } catch (Exception e) {
        LOGGER.warn("Closing {} failed", next.getClass().getSimpleName(), e);
      }
    }
    ended.countDown();
  }

  private <T extends AutoCloseable> T open(T closeable) {
    open.push(closeable);
    return closeable;
  }
}
