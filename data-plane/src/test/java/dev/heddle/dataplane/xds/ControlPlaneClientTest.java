package dev.heddle.dataplane.xds;

import static dev.heddle.dataplane.xds.TestResources.edsCluster;
import static dev.heddle.dataplane.xds.TestResources.endpoints;
import static dev.heddle.dataplane.xds.TestResources.httpListener;
import static dev.heddle.dataplane.xds.TestResources.routes;
import static dev.heddle.dataplane.xds.TestResources.tcpListener;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.heddle.dataplane.config.ProxyConfiguration;
import dev.heddle.dataplane.xds.translation.ResourceTranslator;
import dev.heddle.dataplane.xds.translation.SecretSource;
import dev.heddle.dataplane.xds.translation.YamlResources;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The client against a delta ADS server over a real connection. */
final class ControlPlaneClientTest {

  private static final String WEB = "outbound/10.0.0.1:80";

  @TempDir private Path directory;
  private final EventLoopGroup eventLoops =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private volatile ProxyConfiguration published = ProxyConfiguration.EMPTY;
  private final RecordingObserver observer = new RecordingObserver();
  private ScriptedControlPlane server;
  private @Nullable ControlPlaneClient client;

  @BeforeEach
  void startServer() throws Exception {
    server = ScriptedControlPlane.start();
  }

  @AfterEach
  void stop() throws Exception {
    if (client != null) {
      client.close();
    }
    server.close();
    eventLoops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
  }

  private ControlPlaneClient start(@Nullable LastGoodResources kept) {
    ControlPlaneClient started =
        new ControlPlaneClient(
            Node.newBuilder().setId("shop/pod").build(),
            new GrpcChannel("127.0.0.1", server.port(), null, eventLoops),
            new ResourceTranslator(SecretSource.WORKLOAD),
            Set.of("outbound/passthrough"),
            kept,
            next -> published = next,
            observer);
    client = started;
    return started;
  }

  private void awaitListener(String name) {
    await().until(() -> published.listeners().containsKey(name));
  }

  /** Brings the web service up to one cluster that serves. */
  private void publishWeb() throws Exception {
    server.subscription(ResourceType.LISTENER);
    server.send(ResourceType.LISTENER, WEB, "1", httpListener(WEB, "web"));
    server.subscription(ResourceType.ROUTES);
    server.send(ResourceType.ROUTES, "web", "1", routes("web", "v1"));
    server.subscription(ResourceType.CLUSTER);
    server.send(ResourceType.CLUSTER, "v1", "1", edsCluster("v1"));
    server.subscription(ResourceType.ENDPOINTS);
    server.send(ResourceType.ENDPOINTS, "v1", "1", endpoints("v1", 8080));
    awaitListener(WEB);
  }

  @Test
  void followsReferencesAndPublishesOnlyWhatIsWhole() throws Exception {
    // Given
    ControlPlaneClient started = start(null);
    started.addListener(WEB);

    // When
    started.connect();

    // Then
    DeltaDiscoveryRequest first = server.subscription(ResourceType.LISTENER);
    assertThat(first.getNode().getId()).isEqualTo("shop/pod");
    assertThat(first.getResourceNamesSubscribeList()).containsExactly(WEB);
    String nonce = server.send(ResourceType.LISTENER, WEB, "1", httpListener(WEB, "web"));
    assertThat(server.acknowledgement(nonce).hasErrorDetail()).isFalse();
    assertThat(server.subscription(ResourceType.ROUTES).getResourceNamesSubscribeList())
        .containsExactly("web");
    server.send(ResourceType.ROUTES, "web", "1", routes("web", "v1", "v2"));
    assertThat(server.subscription(ResourceType.CLUSTER).getResourceNamesSubscribeList())
        .containsExactlyInAnyOrder("v1", "v2");
    server.send(ResourceType.CLUSTER, "v1", "1", edsCluster("v1"));
    assertThat(server.subscription(ResourceType.ENDPOINTS).getResourceNamesSubscribeList())
        .containsExactly("v1");
    nonce = server.send(ResourceType.ENDPOINTS, "v1", "1", endpoints("v1", 8080));
    server.acknowledgement(nonce);
    assertThat(published.listeners()).isEmpty();
    server.remove(ResourceType.CLUSTER, "v2");
    awaitListener(WEB);
    assertThat(published.clusters()).containsOnlyKeys("v1");
    assertThat(published.endpoints("v1").endpoints()).hasSize(1);
  }

  @Test
  void tellsWhichListenerWaitsForWhat() throws Exception {
    ControlPlaneClient started = start(null);
    started.addListener(WEB);
    started.connect();
    server.subscription(ResourceType.LISTENER);
    server.send(ResourceType.LISTENER, WEB, "1", httpListener(WEB, "web"));
    server.subscription(ResourceType.ROUTES);

    await().atMost(Duration.ofSeconds(20)).until(() -> !started.status().overdue().isEmpty());
    assertThat(started.status().overdue()).isEqualTo(Map.of(WEB, "routes web"));

    server.remove(ResourceType.ROUTES, "web");
    awaitListener(WEB);
    await().until(() -> started.status().overdue().isEmpty());
  }

  @Test
  void serveOnTheOldRoutesWhileNewOnesWarm() throws Exception {
    // Given
    ControlPlaneClient started = start(null);
    started.addListener(WEB);
    started.connect();
    publishWeb();
    var before = published.route("web");

    // When
    server.send(ResourceType.ROUTES, "web", "2", routes("web", "v1", "v2"));

    // Then
    assertThat(server.subscription(ResourceType.CLUSTER).getResourceNamesSubscribeList())
        .containsExactly("v2");
    assertThat(published.route("web")).isEqualTo(before);
    server.send(ResourceType.CLUSTER, "v2", "1", edsCluster("v2"));
    server.subscription(ResourceType.ENDPOINTS);
    assertThat(published.route("web")).isEqualTo(before);
    server.send(ResourceType.ENDPOINTS, "v2", "1", endpoints("v2", 8081));
    await().until(() -> published.clusters().containsKey("v2"));
    assertThat(published.route("web")).isNotEqualTo(before);

    // And what is no longer referred to is let go
    server.send(ResourceType.ROUTES, "web", "3", routes("web", "v2"));
    assertThat(server.subscription(ResourceType.CLUSTER).getResourceNamesUnsubscribeList())
        .containsExactly("v1");
    await().until(() -> !published.clusters().containsKey("v1"));
  }

  @Test
  void refusesABadResourceAndTakesItsNeighbours() throws Exception {
    // Given
    ControlPlaneClient started = start(null);
    started.addListener(WEB);
    started.connect();
    publishWeb();

    // When
    String nonce =
        server.respond(
            ResourceType.CLUSTER,
            io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse.newBuilder()
                .addResources(
                    io.envoyproxy.envoy.service.discovery.v3.Resource.newBuilder()
                        .setName("v1")
                        .setVersion("2")
                        .setResource(
                            YamlResources.one(
                                "cluster.v3.Cluster", "{name: v1, lb_policy: CLUSTER_PROVIDED}"))));

    // Then
    DeltaDiscoveryRequest refusal = server.acknowledgement(nonce);
    assertThat(refusal.getErrorDetail().getMessage())
        .isEqualTo(
            "cluster v1: lb_policy: CLUSTER_PROVIDED (expected: another policy for type STATIC)");
    assertThat(published.clusters()).containsKey("v1");
    await()
        .until(() -> {
          var types = started.status().types().get(ResourceType.CLUSTER);
          return types != null && types.rejected().containsKey("v1");
        });
    assertThat(observer.rejected).contains(ResourceType.CLUSTER);
  }

  @Test
  void tellsANewStreamWhatItHas() throws Exception {
    // Given
    ControlPlaneClient started = start(null);
    started.addListener(WEB);
    started.connect();
    publishWeb();

    // When
    server.cut();

    // Then
    DeltaDiscoveryRequest listeners = server.subscription(ResourceType.LISTENER);
    assertThat(listeners.getInitialResourceVersionsMap()).containsExactly(Map.entry(WEB, "1"));
    assertThat(listeners.getNode().getId()).isEqualTo("shop/pod");
    assertThat(server.subscription(ResourceType.ENDPOINTS).getInitialResourceVersionsMap())
        .containsExactly(Map.entry("v1", "1"));
    assertThat(published.listeners()).containsKey(WEB);

    // And hears what was removed meanwhile
    server.remove(ResourceType.LISTENER, WEB);
    await().until(() -> published.listeners().isEmpty());
  }

  @Test
  void renewsItsConnectionWithoutLosingState() throws Exception {
    // Given
    ControlPlaneClient started = start(null);
    started.addListener(WEB);
    started.connect();
    publishWeb();
    ProxyConfiguration before = published;

    // When
    started.connect();

    // Then
    DeltaDiscoveryRequest again = server.subscription(ResourceType.LISTENER);
    assertThat(again.getInitialResourceVersionsMap()).containsEntry(WEB, "1");
    assertThat(published).isEqualTo(before);
  }

  @Test
  void serveOnAPermanentListenerThatIsRemoved() throws Exception {
    // Given
    ControlPlaneClient started = start(null);
    started.addPermanentListener("inbound/shop/pod");
    started.connect();
    server.subscription(ResourceType.LISTENER);
    server.send(
        ResourceType.LISTENER,
        "inbound/shop/pod",
        "1",
        tcpListener("inbound/shop/pod", "outbound/passthrough"));
    awaitListener("inbound/shop/pod");

    // When
    String nonce = server.remove(ResourceType.LISTENER, "inbound/shop/pod");

    // Then
    server.acknowledgement(nonce);
    assertThat(published.listeners()).containsKey("inbound/shop/pod");
  }

  @Test
  void startsFromWhatAnEarlierRunKept() throws Exception {
    // Given
    ControlPlaneClient first = start(new LastGoodResources(directory));
    first.addListener(WEB);
    first.connect();
    publishWeb();
    first.close();
    published = ProxyConfiguration.EMPTY;

    // When
    ControlPlaneClient second = start(new LastGoodResources(directory));
    List<String> restored = new CopyOnWriteArrayList<>();
    second.restore(restored::addAll);

    // Then
    awaitListener(WEB);
    assertThat(restored).containsExactly(WEB);
    assertThat(published.endpoints("v1").endpoints()).hasSize(1);
    second.connect();
    assertThat(server.subscription(ResourceType.LISTENER).getInitialResourceVersionsMap())
        .containsEntry(WEB, "1");
  }

  @Test
  void ignoresADamagedFile() throws Exception {
    // Given
    ControlPlaneClient first = start(new LastGoodResources(directory));
    first.addListener(WEB);
    first.connect();
    publishWeb();
    first.close();
    Path file = directory.resolve("resources.bin");
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 1]++;
    Files.write(file, bytes);
    published = ProxyConfiguration.EMPTY;

    // When
    ControlPlaneClient second = start(new LastGoodResources(directory));
    List<Set<String>> restored = new CopyOnWriteArrayList<>();
    second.restore(restored::add);

    // Then
    await().until(() -> !restored.isEmpty());
    assertThat(restored).containsExactly(Set.of());
    assertThat(published.listeners()).isEmpty();
    assertThat(observer.keepingFailures).isEqualTo(1);
  }

  @Test
  void saysWhenNobodyCanBeReached() throws Exception {
    // Given
    int port = server.port();
    server.close();
    ControlPlaneClient started =
        new ControlPlaneClient(
            Node.newBuilder().setId("shop/pod").build(),
            new GrpcChannel("127.0.0.1", port, null, eventLoops),
            new ResourceTranslator(SecretSource.WORKLOAD),
            Set.of(),
            null,
            next -> published = next,
            observer);
    client = started;
    started.addListener(WEB);

    // When
    started.connect();

    // Then
    await().until(() -> !started.reachable());
    assertThat(started.status().lastFailure()).contains("UNAVAILABLE");

    // And comes back by itself
    server = ScriptedControlPlane.startAt(port);
    assertThat(server.subscription(ResourceType.LISTENER).getResourceNamesSubscribeList())
        .containsExactly(WEB);
  }

  private static final class RecordingObserver implements XdsObserver {
    private final List<ResourceType> rejected = new CopyOnWriteArrayList<>();
    private volatile int keepingFailures;

    @Override
    public void connected() {}

    @Override
    public void disconnected() {}

    @Override
    public void accepted(ResourceType type, int resources) {}

    @Override
    public void rejected(ResourceType type, int resources) {
      rejected.add(type);
    }

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // Called on one thread, read on another.
    public void keepingFailed() {
      keepingFailures++;
    }
  }
}
