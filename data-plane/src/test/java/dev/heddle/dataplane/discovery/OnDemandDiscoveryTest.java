package dev.heddle.dataplane.discovery;

import static dev.heddle.dataplane.xds.TestResources.tcpListener;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.heddle.dataplane.config.ProxyConfiguration;
import dev.heddle.dataplane.telemetry.ProcessMetrics;
import dev.heddle.dataplane.xds.ControlPlaneClient;
import dev.heddle.dataplane.xds.GrpcChannel;
import dev.heddle.dataplane.xds.ResourceType;
import dev.heddle.dataplane.xds.ScriptedControlPlane;
import dev.heddle.dataplane.xds.translation.ResourceTranslator;
import dev.heddle.dataplane.xds.translation.SecretSource;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class OnDemandDiscoveryTest {

  private static final InetSocketAddress WEB = new InetSocketAddress("10.0.0.1", 80);
  private static final InetSocketAddress OTHER = new InetSocketAddress("10.0.0.2", 80);

  private final EventLoopGroup eventLoops =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private volatile ProxyConfiguration published = ProxyConfiguration.EMPTY;
  private final AtomicLong now = new AtomicLong();
  private ScriptedControlPlane server;
  private ControlPlaneClient client;

  @BeforeEach
  void start() throws Exception {
    server = ScriptedControlPlane.start();
    client =
        new ControlPlaneClient(
            Node.newBuilder().setId("shop/pod").build(),
            new GrpcChannel("127.0.0.1", server.port(), null, eventLoops),
            new ResourceTranslator(SecretSource.WORKLOAD),
            Set.of("passthrough"),
            null,
            next -> published = next,
            new ProcessMetrics(new SimpleMeterRegistry()));
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
    server.close();
    eventLoops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
  }

  private OnDemandDiscovery discovery(int destinations, Duration timeout) {
    return new OnDemandDiscovery(
        client,
        () -> published,
        eventLoops,
        new OnDemandDiscovery.Limits(destinations, Duration.ofMillis(200), timeout),
        now::get);
  }

  private static CompletableFuture<Discovered> discover(
      OnDemandDiscovery discovery, InetSocketAddress address) {
    CompletableFuture<Discovered> answer = new CompletableFuture<>();
    discovery.discover(address, answer::complete);
    return answer;
  }

  private static Discovered awaitAnswer(CompletableFuture<Discovered> answer) throws Exception {
    return answer.get(30, TimeUnit.SECONDS);
  }

  @Test
  void namesListenersByTheirDestination() {
    assertThat(OnDemandDiscovery.name(WEB)).isEqualTo("outbound/10.0.0.1:80");
    assertThat(OnDemandDiscovery.name(new InetSocketAddress("fd00::1", 443)))
        .isEqualTo("outbound/[fd00::1]:443");
  }

  @Test
  void asksAtTheFirstConnectionAndAnswersAtOnceAfterwards() throws Exception {
    // Given
    OnDemandDiscovery discovery = discovery(10, Duration.ofSeconds(30));
    client.connect();

    // When
    CompletableFuture<Discovered> first = discover(discovery, WEB);
    DeltaDiscoveryRequest request = server.request();
    server.send(
        ResourceType.LISTENER,
        "outbound/10.0.0.1:80",
        "1",
        tcpListener("outbound/10.0.0.1:80", "passthrough"));

    // Then
    assertThat(request.getResourceNamesSubscribeList()).containsExactly("outbound/10.0.0.1:80");
    assertThat(awaitAnswer(first)).isInstanceOf(Discovered.Found.class);
    assertThat(discover(discovery, WEB))
        .isCompletedWithValueMatching(Discovered.Found.class::isInstance);
  }

  @Test
  void forgetsWhatIsIdleButNotWhatIsUsed() throws Exception {
    // Given
    OnDemandDiscovery discovery = discovery(10, Duration.ofSeconds(30));
    client.connect();
    CompletableFuture<Discovered> first = discover(discovery, WEB);
    server.request();
    server.send(
        ResourceType.LISTENER,
        "outbound/10.0.0.1:80",
        "1",
        tcpListener("outbound/10.0.0.1:80", "passthrough"));
    Discovered.Found found = (Discovered.Found) awaitAnswer(first);

    // When
    now.addAndGet(Duration.ofMinutes(1).toNanos());

    // Then
    await().during(Duration.ofMillis(200)).until(() -> discovery.size() == 1);
    found.lease().close();
    found.lease().close();
    now.addAndGet(Duration.ofMinutes(1).toNanos());
    await().until(() -> discovery.size() == 0);
    await().until(() -> published.listeners().isEmpty());
  }

  @Test
  void remembersABoundedNumber() throws Exception {
    // Given
    OnDemandDiscovery discovery = discovery(3, Duration.ofMillis(1));

    // When
    for (int i = 1; i <= 50; i++) {
      now.incrementAndGet();
      awaitAnswer(discover(discovery, new InetSocketAddress("10.0.1." + i, 80)));
    }

    // Then
    await().until(() -> discovery.size() <= 3);
  }

  @Test
  void passesThroughWhatDoesNotExist() throws Exception {
    // Given
    OnDemandDiscovery discovery = discovery(10, Duration.ofSeconds(30));
    client.connect();
    CompletableFuture<Discovered> first = discover(discovery, OTHER);
    server.request();

    // When
    server.respond(
        ResourceType.LISTENER,
        io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse.newBuilder()
            .addRemovedResources("outbound/10.0.0.2:80"));

    // Then
    assertThat(awaitAnswer(first)).isInstanceOf(Discovered.NotInMesh.class);

    // And hears of it when it comes to be
    server.send(
        ResourceType.LISTENER,
        "outbound/10.0.0.2:80",
        "1",
        tcpListener("outbound/10.0.0.2:80", "passthrough"));
    await().until(() -> discover(discovery, OTHER).getNow(null) instanceof Discovered.Found);
  }

  @Test
  void waitsABoundedTimeAndOnlyOnce() throws Exception {
    // Given
    OnDemandDiscovery discovery = discovery(10, Duration.ofMillis(50));
    client.connect();

    // When
    Discovered first = awaitAnswer(discover(discovery, WEB));

    // Then
    assertThat(first).isInstanceOf(Discovered.Unavailable.class);
    assertThat(discover(discovery, WEB))
        .isCompletedWithValueMatching(Discovered.Unavailable.class::isInstance);
    assertThat(discovery.undiscovered()).isEqualTo(2);
  }

  @Test
  void doesNotWaitForWhoCannotBeReached() throws Exception {
    // Given
    server.close();
    OnDemandDiscovery discovery = discovery(10, Duration.ofSeconds(60));
    CompletableFuture<Discovered> waiting = discover(discovery, WEB);

    // When
    client.connect();

    // Then
    assertThat(awaitAnswer(waiting)).isInstanceOf(Discovered.Unavailable.class);
    await().until(() -> !client.reachable());
  }
}
