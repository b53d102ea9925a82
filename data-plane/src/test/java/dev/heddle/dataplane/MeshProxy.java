package dev.heddle.dataplane;

import static org.awaitility.Awaitility.await;

import dev.heddle.dataplane.config.ProxyConfiguration;
import dev.heddle.dataplane.config.Workload;
import dev.heddle.dataplane.discovery.BoundDiscovery;
import dev.heddle.dataplane.telemetry.ProcessMetrics;
import dev.heddle.dataplane.telemetry.TrafficMetrics;
import dev.heddle.dataplane.transport.SocketSettings;
import dev.heddle.dataplane.transport.Transport;
import dev.heddle.dataplane.xds.ControlPlaneClient;
import dev.heddle.dataplane.xds.GrpcChannel;
import dev.heddle.dataplane.xds.ScriptedControlPlane;
import dev.heddle.dataplane.xds.translation.ResourceTranslator;
import dev.heddle.dataplane.xds.translation.SecretSource;
import dev.heddle.meshapi.identity.SpiffeId;
import dev.heddle.meshapi.identity.WorkloadCertificate;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A sidecar put together as {@link Proxy} does it, with a control plane of its own and a
 * certificate that the test replaces when it likes.
 */
final class MeshProxy implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final ScriptedControlPlane controlPlane = ScriptedControlPlane.start();
  private final Transport transport = Transport.open(1, SocketSettings.DEFAULT);
  private final PublishedConfiguration configuration =
      new PublishedConfiguration(ProxyConfiguration.EMPTY);
  private final AtomicReference<WorkloadCertificate> certificate;
  private final ControlPlaneClient client;
  private final DataPath path;

  MeshProxy(String account, WorkloadCertificate first) throws IOException {
    certificate = new AtomicReference<>(first);
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    ProcessMetrics metrics = new ProcessMetrics(registry);
    Workload workload = new Workload(account, "Deployment", "shop", account, account, account, "");
    client =
        new ControlPlaneClient(
            Node.newBuilder().setId("shop/" + account).build(),
            new GrpcChannel("127.0.0.1", controlPlane.port(), null, transport.eventLoops()),
            new ResourceTranslator(SecretSource.WORKLOAD),
            Set.of(),
            null,
            configuration::publish,
            metrics);
    path =
        new DataPath(
            transport,
            new DataPath.Surroundings(
                configuration,
                new BoundDiscovery(configuration),
                certificate::get,
                address -> false,
                workload,
                new TrafficMetrics(registry, workload, TestAuthority.TRUST_DOMAIN),
                registry));
    configuration.onChange(path::apply);
    client.addAllListeners();
    client.connect();
  }

  static SpiffeId id(String account) {
    return SpiffeId.of(TestAuthority.TRUST_DOMAIN, "shop", account);
  }

  /** What tells this proxy its configuration. */
  ScriptedControlPlane controlPlane() {
    return controlPlane;
  }

  /** From now on connections are made and accepted with another certificate. */
  void identity(WorkloadCertificate next) {
    certificate.set(next);
  }

  /** Where a listener is bound, once it is. */
  InetSocketAddress address(String listener) {
    await().atMost(PATIENCE).until(() -> path.listeners().address(listener) != null);
    InetSocketAddress address = path.listeners().address(listener);
    if (address == null) {
      throw new AssertionError(listener + " was bound and is not any more");
    }
    return address;
  }

  /** Connections that clients have open. */
  int connections() {
    return path.connections().count();
  }

  @Override
  public void close() {
    client.close();
    path.listeners().stopAccepting();
    transport.close();
    controlPlane.close();
  }
}
