package dev.heddle.smiadapter.xds;

import dev.heddle.meshapi.identity.SpiffeId;
import dev.heddle.smiadapter.resources.Audience;
import dev.heddle.smiadapter.resources.Resource;
import dev.heddle.smiadapter.resources.ResourceKey;
import dev.heddle.smiadapter.resources.ResourceType;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/** The service on a loopback port, without TLS: who calls is what the test says. */
final class TestServer implements AutoCloseable {

  static final SpiffeId WEB = SpiffeId.of("cluster.local", "shop", "web");

  final ResourceStore store = new ResourceStore();
  final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  final List<String> rejections = new CopyOnWriteArrayList<>();
  final AggregatedDiscovery discovery;
  private final ScheduledExecutorService executor = Executors.newScheduledThreadPool(2);
  private final List<ManagedChannel> channels = new ArrayList<>();
  private final Server server;

  TestServer(XdsLimits limits) throws IOException {
    this.discovery =
        new AggregatedDiscovery(
            store,
            () -> WEB,
            limits,
            new XdsMetrics(registry, store),
            (resources, message) -> rejections.add(resources + ": " + message),
            executor);
    this.server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(discovery)
            .maxInboundMessageSize(limits.requestBytes())
            .build()
            .start();
  }

  TestClient connect(String node) {
    return TestClient.open(channel(), node);
  }

  TestClient connectSlow(String node) {
    return TestClient.openSlow(channel(), node);
  }

  void put(Resource... resources) {
    store.update(List.of(resources), Set.of(), System.nanoTime());
  }

  void remove(ResourceType type, String name) {
    store.update(List.of(), Set.of(new ResourceKey(type, name)), System.nanoTime());
  }

  static Resource cluster(String name, String content) {
    return Resource.of(
        ResourceType.CLUSTER,
        name,
        Cluster.newBuilder().setName(name).setAltStatName(content).build());
  }

  static Resource endpoints(String name) {
    return Resource.of(
        ResourceType.ENDPOINT,
        name,
        ClusterLoadAssignment.newBuilder().setClusterName(name).build());
  }

  /** What endpoints become that have gone, or are going. */
  static Resource withoutEndpoints(String name) {
    return Resource.of(
            ResourceType.ENDPOINT,
            name,
            ClusterLoadAssignment.newBuilder()
                .setClusterName(name)
                .setPolicy(ClusterLoadAssignment.Policy.getDefaultInstance())
                .build())
        .asWithdrawal();
  }

  static Resource route(String name) {
    return Resource.of(
        ResourceType.ROUTE, name, RouteConfiguration.newBuilder().setName(name).build());
  }

  static Resource listener(String name) {
    return Resource.of(ResourceType.LISTENER, name, Listener.newBuilder().setName(name).build());
  }

  static Resource inbound(SpiffeId identity, String pod) {
    String name = "inbound/" + pod;
    return Resource.of(
        ResourceType.LISTENER,
        name,
        Listener.newBuilder().setName(name).build(),
        new Audience.OneWorkload(identity, pod));
  }

  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
    server.shutdownNow();
    executor.shutdownNow();
  }

  private ManagedChannel channel() {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(
                InetAddress.getLoopbackAddress().getHostAddress(), server.getPort())
            .usePlaintext()
            .build();
    channels.add(channel);
    return channel;
  }
}
