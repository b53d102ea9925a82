package dev.heddle.smiadapter.xds;

import static dev.heddle.smiadapter.resources.ResourceType.CLUSTER;
import static dev.heddle.smiadapter.resources.ResourceType.ENDPOINT;
import static dev.heddle.smiadapter.resources.ResourceType.LISTENER;
import static dev.heddle.smiadapter.resources.ResourceType.ROUTE;
import static dev.heddle.smiadapter.xds.TestClient.names;
import static dev.heddle.smiadapter.xds.TestServer.WEB;
import static dev.heddle.smiadapter.xds.TestServer.cluster;
import static dev.heddle.smiadapter.xds.TestServer.endpoints;
import static dev.heddle.smiadapter.xds.TestServer.inbound;
import static dev.heddle.smiadapter.xds.TestServer.listener;
import static dev.heddle.smiadapter.xds.TestServer.route;
import static dev.heddle.smiadapter.xds.TestServer.withoutEndpoints;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.heddle.meshapi.identity.SpiffeId;
import dev.heddle.smiadapter.resources.Resource;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.grpc.Status;
import io.micrometer.core.instrument.Counter;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AggregatedDiscoveryTest {

  private static final String POD = "shop/web-1";

  private static final XdsLimits LIMITS =
      new XdsLimits(2, 10, 64, 4, 3, 1 << 20, 1 << 20, Duration.ofMinutes(30));

  private TestServer server;

  @BeforeEach
  void start() throws IOException {
    server = new TestServer(LIMITS);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void givesWhatIsAskedForAndNothingElse() throws InterruptedException {
    server.put(cluster("a", "1"), cluster("b", "1"));
    TestClient client = server.connect(POD);

    client.subscribe(CLUSTER, "a");

    assertThat(names(client.next())).containsExactly("a");
    server.put(cluster("b", "2"), cluster("a", "2"));
    assertThat(names(client.next())).containsExactly("a");
  }

  @Test
  void saysThatANameDoesNotExistAndGivesItOnceItDoes() throws InterruptedException {
    TestClient client = server.connect(POD);

    client.subscribe(LISTENER, "outbound/10.0.0.1:80");

    DeltaDiscoveryResponse answer = client.next();
    assertThat(answer.getRemovedResourcesList()).containsExactly("outbound/10.0.0.1:80");
    assertThat(answer.getResourcesList()).isEmpty();
    server.put(listener("outbound/10.0.0.1:80"));
    assertThat(names(client.next())).containsExactly("outbound/10.0.0.1:80");
  }

  @Test
  void givesEverythingToAWildcardInBoundedResponses() throws InterruptedException {
    server.put(cluster("a", "1"), cluster("b", "1"), cluster("c", "1"), cluster("d", "1"));
    TestClient client = server.connect(POD);

    client.subscribe(CLUSTER, "*");

    DeltaDiscoveryResponse first = client.next();
    DeltaDiscoveryResponse second = client.next();
    assertThat(first.getResourcesCount()).isEqualTo(3);
    List<String> all = new ArrayList<>(names(first));
    all.addAll(names(second));
    assertThat(all).containsExactlyInAnyOrder("a", "b", "c", "d");
  }

  @Test
  void takesAnEmptyFirstRequestForAWildcardAndAnswersEvenWhenThereIsNothing()
      throws InterruptedException {
    TestClient client = server.connect(POD);

    client.subscribe(CLUSTER);

    assertThat(client.next().getResourcesList()).isEmpty();
    server.put(cluster("a", "1"));
    assertThat(names(client.next())).containsExactly("a");
    server.remove(CLUSTER, "a");
    assertThat(client.next().getRemovedResourcesList()).containsExactly("a");
  }

  @Test
  void resendsNothingToAClientThatHasItAndSaysWhatHasGone() throws InterruptedException {
    Resource same = cluster("same", "1");
    server.put(same, cluster("changed", "2"));
    TestClient client = server.connect(POD);

    client.reconnect(
        CLUSTER,
        Map.of("same", same.version(), "changed", "old", "gone", "old"),
        "same",
        "changed",
        "gone");

    assertThat(names(client.next())).containsExactly("changed");
    assertThat(client.next().getRemovedResourcesList()).containsExactly("gone");
    server.put(cluster("same", "2"));
    assertThat(names(client.next())).containsExactly("same");
  }

  @Test
  void tellsAReconnectedWildcardWhatHasGone() throws InterruptedException {
    Resource same = cluster("same", "1");
    server.put(same);
    TestClient client = server.connect(POD);

    client.reconnect(CLUSTER, Map.of("same", same.version(), "gone", "old"), "*");

    assertThat(client.next().getResourcesList()).isEmpty();
    assertThat(client.next().getRemovedResourcesList()).containsExactly("gone");
  }

  @Test
  void sendsAgainWhatIsSubscribedToAgain() throws InterruptedException {
    server.put(cluster("a", "1"));
    TestClient client = server.connect(POD);
    client.subscribe(CLUSTER, "a");
    client.next();

    client.subscribe(CLUSTER, "a");

    assertThat(names(client.next())).containsExactly("a");
  }

  @Test
  void sendsNothingMoreOfWhatIsNoLongerWanted() throws InterruptedException {
    server.put(cluster("a", "1"), cluster("b", "1"));
    TestClient client = server.connect(POD);
    client.subscribe(CLUSTER, "a", "b");
    client.next();

    client.unsubscribe(CLUSTER, "a");
    client.subscribe(ROUTE, "marks-the-order");
    client.next();
    server.put(cluster("a", "2"), cluster("b", "2"));

    assertThat(names(client.next())).containsExactly("b");
  }

  @Test
  void makesBeforeItBreaks() throws InterruptedException {
    server.put(route("r"), listener("l"), endpoints("e"), endpoints("drained"), cluster("c", "1"));
    TestClient client = server.connect(POD);
    client.subscribe(ROUTE, "r");
    client.subscribe(LISTENER, "*");
    client.subscribe(ENDPOINT, "e", "drained");
    client.subscribe(CLUSTER, "*");
    for (int i = 0; i < 4; i++) {
      client.next();
    }

    server.store.update(
        List.of(
            Resource.of(
                ROUTE,
                "r",
                io.envoyproxy.envoy.config.route.v3.RouteConfiguration.newBuilder()
                    .setName("r")
                    .addInternalOnlyHeaders("changed")
                    .build()),
            listener("l2"),
            withoutEndpoints("drained"),
            cluster("c2", "1")),
        List.of(listener("l").key(), endpoints("e").key(), cluster("c", "1").key()),
        System.nanoTime());

    List<String> order = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      DeltaDiscoveryResponse response = client.next();
      order.add(
          TestClient.type(response)
              + " +"
              + names(response)
              + " -"
              + response.getRemovedResourcesList());
    }
    assertThat(order)
        .containsExactly(
            "CLUSTER +[c2] -[]",
            "LISTENER +[l2] -[]",
            "ROUTE +[r] -[]",
            "LISTENER +[] -[l]",
            "ENDPOINT +[drained] -[e]",
            "CLUSTER +[] -[c]");
  }

  @Test
  void holdsListenersBackUntilTheClustersAreAnsweredForButNotForever() throws InterruptedException {
    TestClient client = server.connect(POD);
    client.subscribe(LISTENER, "*");
    client.next();
    client.subscribe(CLUSTER, "*");
    client.next();

    server.put(listener("l"), cluster("c", "1"));

    DeltaDiscoveryResponse clusters = client.nextUnanswered();
    assertThat(TestClient.type(clusters)).isEqualTo(CLUSTER);
    // The client never answers for it.
    assertThat(names(client.next())).containsExactly("l");
  }

  @Test
  void countsARejectionAndStaysWithIt() throws InterruptedException {
    server.put(cluster("a", "bad"));
    TestClient client = server.connect(POD);
    client.subscribe(CLUSTER, "a");

    client.reject(client.nextUnanswered(), "no such thing");

    await().untilAsserted(() -> assertThat(server.rejections).hasSize(1));
    assertThat(server.rejections.getFirst()).contains("a").contains("no such thing");
    assertThat(server.registry.counter("heddle_xds_nacks", "type", "cluster").count()).isEqualTo(1);
    server.put(cluster("a", "good"));
    assertThat(names(client.next())).containsExactly("a");
  }

  @Test
  void measuresHowLongAChangeTakesToBeAccepted() throws InterruptedException {
    TestClient client = server.connect(POD);
    client.subscribe(CLUSTER, "a");
    client.next();

    server.put(cluster("a", "1"));
    client.next();

    await()
        .untilAsserted(() ->
            assertThat(server.registry.get("heddle_xds_propagation").timer().count()).isEqualTo(1));
  }

  @Test
  void keepsOnlyTheNewestForAClientThatDoesNotAnswer() throws InterruptedException {
    server.put(cluster("a", "0"));
    TestClient client = server.connect(POD);
    client.subscribe(CLUSTER, "a");

    int changes = 1_000;
    List<DeltaDiscoveryResponse> responses = new ArrayList<>();
    responses.add(client.nextUnanswered());
    for (int i = 1; i <= changes; i++) {
      server.put(cluster("a", Integer.toString(i)));
    }
    while (responses.size() < LIMITS.unacknowledged()) {
      responses.add(client.nextUnanswered());
    }
    server.put(cluster("a", "last"));
    assertThat(client.waiting()).isZero();
    responses.forEach(client::accept);

    Resource last = cluster("a", "last");
    assertThat(client.next().getResources(0).getVersion()).isEqualTo(last.version());
  }

  @Test
  void waitsForAClientThatDoesNotRead() throws IOException, InterruptedException {
    XdsLimits manyAtOnce =
        new XdsLimits(2, 10, 64, 100, 1, 1 << 20, 1 << 20, Duration.ofMinutes(30));
    String large = "x".repeat(1 << 20);
    try (TestServer patient = new TestServer(manyAtOnce)) {
      Resource[] resources =
          IntStream.range(0, 8)
              .mapToObj(i -> cluster(Integer.toString(i), large))
              .toArray(Resource[]::new);
      patient.put(resources);
      TestClient client = patient.connectSlow(POD);
      client.subscribe(CLUSTER, "0", "1", "2", "3", "4", "5", "6", "7");

      Counter pushed = patient.registry.counter("heddle_xds_pushed_resources", "type", "cluster");
      await().untilAsserted(() -> assertThat(pushed.count()).isPositive());
      patient.put(cluster("7", "newest"));
      assertThat(pushed.count()).as("what fits into the window of the transport").isLessThan(4);

      client.read(100);
      DeltaDiscoveryResponse last = client.next();
      for (int i = 1; i < resources.length; i++) {
        last = client.next();
      }
      assertThat(last.getResources(0).getVersion()).isEqualTo(cluster("7", "newest").version());
    }
  }

  @Test
  void givesAnInboundListenerOnlyToTheIdentityWhosePodItIs() throws InterruptedException {
    SpiffeId other = SpiffeId.of("cluster.local", "shop", "payments");
    server.put(inbound(WEB, POD), inbound(other, "shop/payments-1"));
    TestClient client = server.connect(POD);

    client.subscribe(LISTENER, "inbound/shop/web-1", "inbound/shop/payments-1");

    assertThat(names(client.next())).containsExactly("inbound/shop/web-1");
    assertThat(client.next().getRemovedResourcesList()).containsExactly("inbound/shop/payments-1");
  }

  @Test
  void aNodeNameDoesNotMakeAnIdentity() throws InterruptedException {
    SpiffeId other = SpiffeId.of("cluster.local", "shop", "payments");
    server.put(inbound(other, "shop/payments-1"), listener("l"));
    TestClient client = server.connect("shop/payments-1");

    client.subscribe(LISTENER, "*");

    assertThat(names(client.next())).containsExactly("l");
  }

  @Test
  void givesAWildcardOnlyTheInboundListenerOfItsOwnPod() throws InterruptedException {
    server.put(inbound(WEB, POD), inbound(WEB, "shop/web-2"));
    TestClient client = server.connect(POD);

    client.subscribe(LISTENER, "*");

    assertThat(names(client.next())).containsExactly("inbound/shop/web-1");
  }

  @Test
  void answersForATypeThatIsNotServed() throws InterruptedException {
    TestClient client = server.connect(POD);

    client.send(
        DeltaDiscoveryRequest.newBuilder()
            .setTypeUrl("type.googleapis.com/envoy.service.runtime.v3.Runtime")
            .addResourceNamesSubscribe("layer"));

    assertThat(client.nextUnanswered().getRemovedResourcesList()).containsExactly("layer");
  }

  @Test
  void refusesMoreSubscriptionsThanAStreamMayHave() throws InterruptedException {
    TestClient client = server.connect(POD);

    client.subscribe(CLUSTER, "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11");

    Status status = Status.fromThrowable(client.end());
    assertThat(status.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(status.getDescription()).isEqualTo("subscriptions: 11 (expected: at most 10)");
  }

  @Test
  void refusesMoreStreamsThanThereMayBe() throws InterruptedException {
    for (int i = 0; i < LIMITS.streams(); i++) {
      TestClient open = server.connect(POD);
      open.subscribe(CLUSTER);
      open.next();
    }

    TestClient surplus = server.connect(POD);

    assertThat(Status.fromThrowable(surplus.end()).getCode())
        .isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
  }

  @Test
  void forgetsWhatAStreamThatHasEndedAskedFor() throws InterruptedException {
    TestClient client = server.connect(POD);
    client.subscribe(CLUSTER, "a", "b");
    client.next();
    client.unsubscribe(CLUSTER, "b");
    await().until(() -> server.store.interests().size() == 1);

    server.discovery.drain();

    await().until(() -> server.store.interests().size() == 0);
  }

  @Test
  void tellsClientsToGoElsewhereWhenItDrains() throws InterruptedException {
    TestClient client = server.connect(POD);
    client.subscribe(CLUSTER);
    client.next();

    server.discovery.drain();

    assertThat(Status.fromThrowable(client.end()).getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    await()
        .untilAsserted(
            () -> assertThat(server.registry.get("heddle_xds_streams").gauge().value()).isZero());
  }
}
