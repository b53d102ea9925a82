package dev.heddle.dataplane;

import dev.heddle.dataplane.config.LiveConfiguration;
import dev.heddle.dataplane.config.ProxyConfiguration;
import dev.heddle.dataplane.config.Workload;
import dev.heddle.dataplane.discovery.DestinationDiscovery;
import dev.heddle.dataplane.health.HealthChecks;
import dev.heddle.dataplane.http.HttpConnectionManagerInstaller;
import dev.heddle.dataplane.http.HttpLimits;
import dev.heddle.dataplane.lifecycle.OpenConnections;
import dev.heddle.dataplane.listener.ConnectionServices;
import dev.heddle.dataplane.listener.ListenerMetrics;
import dev.heddle.dataplane.listener.ListenerSettings;
import dev.heddle.dataplane.listener.Listeners;
import dev.heddle.dataplane.overload.ConnectionLimit;
import dev.heddle.dataplane.overload.MemoryGuard;
import dev.heddle.dataplane.overload.ProcessMemory;
import dev.heddle.dataplane.tcp.TcpProxy;
import dev.heddle.dataplane.tcp.TcpSettings;
import dev.heddle.dataplane.telemetry.TrafficObserver;
import dev.heddle.dataplane.tls.TlsContexts;
import dev.heddle.dataplane.tls.TlsSettings;
import dev.heddle.dataplane.trace.ExportMonitor;
import dev.heddle.dataplane.transport.PerEventLoop;
import dev.heddle.dataplane.transport.Transport;
import dev.heddle.dataplane.upstream.EndpointTls;
import dev.heddle.dataplane.upstream.EventLoopUpstreams;
import dev.heddle.dataplane.upstream.HealthMetrics;
import dev.heddle.dataplane.upstream.NameResolution;
import dev.heddle.dataplane.upstream.NettyUpstreamConnector;
import dev.heddle.dataplane.upstream.SharedClusters;
import dev.heddle.dataplane.upstream.UpstreamConnector;
import dev.heddle.meshapi.identity.WorkloadCertificate;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Everything that traffic passes through, put together. */
final class DataPath {

  private static final long MEMORY_INTERVAL_MILLIS = 100;

  /**
   * What the data path is told from outside.
   *
   * @param certificate the workload's; null while there is none
   * @param ownPod whether an address is that of the pod this proxy is in
   * @param workload this proxy's own
   */
  record Surroundings(
      LiveConfiguration configuration,
      DestinationDiscovery discovery,
      Supplier<? extends @Nullable WorkloadCertificate> certificate,
      Predicate<InetAddress> ownPod,
      Workload workload,
      TrafficObserver observer,
      MeterRegistry registry) {}

  private final NameResolution names = NameResolution.ofSystem();
  private final OpenConnections connections = new OpenConnections(ConnectionLimit.ofProcess());
  private final SharedClusters shared;
  private final Supplier<HealthChecks> makeHealthChecks;
  private @Nullable HealthChecks healthChecks;
  private final Listeners listeners;
  private final HttpConnectionManagerInstaller http;

  DataPath(Transport transport, Surroundings surroundings) {
    HealthMetrics healthMetrics = new HealthMetrics(surroundings.registry());
    this.shared = new SharedClusters(transport.eventLoops(), healthMetrics);
    // Shared by all loops, and so of each thread its own.
    RandomGenerator random = () -> ThreadLocalRandom.current().nextLong();
    MemoryGuard memory = memoryGuard(transport);
    PerEventLoop<TlsContexts> tlsContexts =
        new PerEventLoop<>(
            transport.eventLoops(),
            loop ->
                new TlsContexts(
                    surroundings.certificate(), TlsSettings.DEFAULT, Clock.systemUTC()));
    PerEventLoop<EventLoopUpstreams> upstreams =
        new PerEventLoop<>(
            transport.eventLoops(),
            loop ->
                new EventLoopUpstreams(
                    surroundings.ownPod(), names, shared, random, System::nanoTime));
    UpstreamConnector connector = new NettyUpstreamConnector(transport, tlsContexts);
    this.makeHealthChecks =
        () ->
            new HealthChecks(
                transport.eventLoops(),
                connector,
                surroundings.configuration(),
                shared,
                names,
                new EndpointTls(surroundings.ownPod()),
                healthMetrics);
    this.http =
        new HttpConnectionManagerInstaller(
            transport.eventLoops(),
            surroundings.configuration(),
            upstreams,
            connector,
            surroundings.observer(),
            surroundings.workload(),
            Clock.systemUTC(),
            HttpLimits.DEFAULT,
            memory,
            new ExportMonitor(surroundings.registry(), System::nanoTime));
    TcpProxy tcp =
        new TcpProxy(
            surroundings.configuration(),
            upstreams,
            connector,
            surroundings.observer(),
            random,
            TcpSettings.DEFAULT);
    this.listeners =
        new Listeners(
            transport,
            new ConnectionServices(
                surroundings.configuration(),
                surroundings.discovery(),
                tlsContexts,
                TlsSettings.DEFAULT,
                tcp,
                http,
                connections,
                memory,
                new ListenerMetrics(surroundings.registry(), connections),
                ListenerSettings.DEFAULT),
            surroundings.ownPod());
  }

  private MemoryGuard memoryGuard(Transport transport) {
    MemoryGuard memory =
        new MemoryGuard(
            ProcessMemory.heapAfterCollection(),
            ProcessMemory.buffers(transport.allocator()),
            System::gc,
            connections::relieve,
            System::nanoTime);
    transport
        .eventLoops()
        .next()
        .scheduleWithFixedDelay(
            memory::sample, MEMORY_INTERVAL_MILLIS, MEMORY_INTERVAL_MILLIS, TimeUnit.MILLISECONDS);
    return memory;
  }

  /** Opens and closes sockets to be those of the configuration, and begins to resolve its names. */
  void apply(ProxyConfiguration configuration) {
    shared.apply(configuration);
    names.prepare(configuration);
    checkHealth(configuration);
    listeners.apply(configuration);
  }

  /** A proxy in which nothing is checked loads nothing of it. */
  private synchronized void checkHealth(ProxyConfiguration configuration) {
    if (healthChecks == null
        && configuration.clusters().values().stream()
            .anyMatch(cluster -> !cluster.healthChecks().isEmpty())) {
      healthChecks = makeHealthChecks.get();
    }
    if (healthChecks != null) {
      healthChecks.apply(configuration);
    }
  }

  Listeners listeners() {
    return listeners;
  }

  /**
   * Exports the spans that wait.
   *
   * @return whether all are delivered or lost within that time
   */
  boolean flushSpans(Duration longest) throws InterruptedException {
    try {
      http.flushSpans().get(longest.toNanos(), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException("exporting spans failed", e);
    }
  }

  OpenConnections connections() {
    return connections;
  }
}
