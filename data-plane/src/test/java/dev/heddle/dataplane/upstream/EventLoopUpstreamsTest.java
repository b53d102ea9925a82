package dev.heddle.dataplane.upstream;

import static dev.heddle.dataplane.loopback.Configurations.cluster;
import static dev.heddle.dataplane.loopback.Configurations.configuration;
import static dev.heddle.dataplane.loopback.Configurations.endpoint;
import static dev.heddle.dataplane.loopback.Configurations.loopback;
import static dev.heddle.dataplane.loopback.Configurations.meshTls;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.config.Endpoint;
import dev.heddle.dataplane.config.Endpoint.Health;
import dev.heddle.dataplane.config.ProxyConfiguration;
import dev.heddle.dataplane.config.UpstreamTls;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class EventLoopUpstreamsTest {
  private static final long MILLI = 1_000_000;

  private final Cluster cluster = cluster("app", null);
  private long now = 1_000_000_000L;
  private InetAddress[] resolved = {};
  private boolean resolves = true;
  private final NameResolution names =
      new NameResolution(
          name -> {
            if (!resolves) {
              throw new UnknownHostException(name);
            }
            return resolved;
          },
          Runnable::run,
          () -> now);
  private final EventLoopGroup timers =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final SharedClusters shared =
      new SharedClusters(timers, new HealthMetrics(new SimpleMeterRegistry()));
  private final EventLoopUpstreams upstreams =
      new EventLoopUpstreams(
          address -> address.getHostAddress().equals("10.0.0.9"),
          names,
          shared,
          new SplittableRandom(1),
          () -> now);

  @AfterEach
  void end() {
    timers.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  @Test
  void equalEndpointsGetEqualShares() {
    ProxyConfiguration serving = serving(at(1), at(2), at(3), at(4));
    Map<Integer, Integer> shares = picks(serving, 8000, picked -> 2 * MILLI);
    assertThat(shares.values()).allSatisfy(share -> assertThat(share).isBetween(1700, 2300));
  }

  @Test
  void weightsAreRespected() {
    ProxyConfiguration serving = serving(at(1, 3), at(2, 1));
    Map<Integer, Integer> shares = picks(serving, 8000, picked -> 2 * MILLI);
    assertThat(shares.get(1)).isBetween(5700, 6300);
    // The same when many requests are under way.
    Map<Integer, Integer> open = new HashMap<>();
    for (int i = 0; i < 400; i++) {
      open.merge(port(pick(serving, Set.of())), 1, Integer::sum);
    }
    assertThat(open.get(1)).isBetween(270, 330);
  }

  @Test
  void aSlowEndpointGetsLess() {
    ProxyConfiguration serving = serving(at(1), at(2), at(3));
    Map<Integer, Integer> shares =
        picks(serving, 6000, picked -> port(picked) == 1 ? 200 * MILLI : 2 * MILLI);
    assertThat(shares.getOrDefault(1, 0)).isLessThan(600);
  }

  @Test
  void whatIsUnderWayCounts() {
    ProxyConfiguration serving = serving(at(1), at(2));
    picks(serving, 100, picked -> 2 * MILLI);
    Map<Integer, Integer> open = new HashMap<>();
    for (int i = 0; i < 100; i++) {
      open.merge(port(pick(serving, Set.of())), 1, Integer::sum);
    }
    assertThat(open.get(1)).isBetween(40, 60);
  }

  @Test
  void anEndpointThatRefusesIsAvoidedForAWhileOnly() {
    ProxyConfiguration serving = serving(at(1), at(2));
    Map<Integer, Integer> shares = new HashMap<>();
    for (int i = 0; i < 1000; i++) {
      now += MILLI / 4;
      PickedEndpoint picked = pick(serving, Set.of());
      shares.merge(port(picked), 1, Integer::sum);
      if (port(picked) == 1) {
        picked.finished(-1, Outcome.CONNECT_FAILURE);
      } else {
        picked.finished(MILLI, Outcome.SUCCESS);
      }
    }
    assertThat(shares.getOrDefault(1, 0)).isLessThanOrEqualTo(3);
    // Once it is well again, it is found to be.
    now += Duration.ofSeconds(60).toNanos();
    shares = picks(serving, 2000, picked -> MILLI);
    assertThat(shares.get(1)).isGreaterThan(500);
  }

  @Test
  void anAvoidedEndpointIsUsedWhenThereIsNoOther() {
    ProxyConfiguration serving = serving(at(1));
    pick(serving, Set.of()).finished(-1, Outcome.CONNECT_FAILURE);
    assertThat(port(pick(serving, Set.of()))).isEqualTo(1);
    assertThat(port(pick(serving, Set.of(loopback(1))))).isEqualTo(1);
  }

  @Test
  void triedEndpointsComeLast() {
    ProxyConfiguration serving = serving(at(1), at(2), at(3));
    for (int i = 0; i < 100; i++) {
      assertThat(port(pick(serving, Set.of(loopback(1), loopback(3))))).isEqualTo(2);
    }
  }

  @Test
  void withoutPanicDrainingEndpointsServeOnlyWithoutHealthyOnesAndUnhealthyNever() {
    Cluster calm = balanced(Cluster.LoadBalancing.PEAK_EWMA, 0, false);
    Endpoint draining = endpoint(loopback(2), Health.DRAINING, 1);
    Endpoint unhealthy = endpoint(loopback(3), Health.UNHEALTHY, 1);
    assertThat(shares(calm, 100, 0, at(1), draining, unhealthy)).containsOnlyKeys(1);
    assertThat(shares(calm, 100, 0, draining, unhealthy)).containsOnlyKeys(2);
    assertThat(shares(calm, 1, 0, unhealthy)).isEmpty();
    assertThat(shares(calm, 1, 0)).isEmpty();
  }

  @Test
  void inPanicAllEndpointsServe() {
    Cluster panicking = balanced(Cluster.LoadBalancing.RANDOM, 50, false);
    Endpoint draining = endpoint(loopback(2), Health.DRAINING, 1);
    Endpoint unhealthy = endpoint(loopback(3), Health.UNHEALTHY, 1);
    assertThat(shares(panicking, 1000, 0, at(1), draining, unhealthy)).containsOnlyKeys(1, 2, 3);
    assertThat(shares(panicking, 1000, 0, at(1), at(4), at(5), unhealthy))
        .containsOnlyKeys(1, 4, 5);
    assertThat(shares(panicking, 1000, 0, unhealthy)).containsOnlyKeys(3);
  }

  @Test
  void theNextPriorityTakesWhatTheFirstCannot() {
    Cluster random = balanced(Cluster.LoadBalancing.RANDOM, 0, false);
    Endpoint well = placed(1, Health.HEALTHY, "a", 0, 1);
    Endpoint ill = placed(2, Health.UNHEALTHY, "a", 0, 1);
    Endpoint spare = placed(3, Health.HEALTHY, "b", 1, 1);
    assertThat(shares(random, 1000, 0, well, spare)).containsOnlyKeys(1);
    // Half of the first priority is there: with 40 % to spare it takes 70 %.
    assertThat(shares(random, 10_000, 0, well, ill, spare).get(1)).isBetween(6700, 7300);
    assertThat(shares(random, 1000, 0, ill, spare)).containsOnlyKeys(3);
  }

  @Test
  void localitiesGetTrafficByTheirWeights() {
    Cluster weighted = balanced(Cluster.LoadBalancing.ROUND_ROBIN, 0, true);
    Endpoint[] endpoints = {
      placed(1, Health.HEALTHY, "a", 0, 3),
      placed(2, Health.HEALTHY, "b", 0, 1),
      placed(3, Health.HEALTHY, "b", 0, 1),
      placed(4, Health.HEALTHY, "c", 0, 0)
    };
    Map<Integer, Integer> shares = shares(weighted, 8000, 0, endpoints);
    assertThat(shares).containsOnlyKeys(1, 2, 3);
    assertThat(shares.get(1)).isBetween(5700, 6300);
    assertThat(shares.get(2)).isBetween(800, 1200);
  }

  @ParameterizedTest
  @EnumSource(names = {"RING_HASH", "MAGLEV"})
  void aHashDecidesAndLeavesTheOthersWhereTheyWere(Cluster.LoadBalancing policy) {
    Cluster hashing = balanced(policy, 0, false);
    Map<Long, Integer> before = new HashMap<>();
    SplittableRandom hashes = new SplittableRandom(7);
    for (int i = 0; i < 1000; i++) {
      long hash = hashes.nextLong();
      Map<Integer, Integer> chosen = shares(hashing, 3, hash, at(1), at(2), at(3), at(4));
      assertThat(chosen).hasSize(1);
      before.put(hash, chosen.keySet().iterator().next());
    }
    assertThat(Set.copyOf(before.values())).containsOnly(1, 2, 3, 4);
    ProxyConfiguration fewer =
        configuration(List.of(), Map.of(hashing, List.of(at(1), at(2), at(3))));
    long moved =
        before.entrySet().stream()
            .filter(entry ->
                entry.getValue() != 4
                    && port(pick(fewer, hashing, Set.of(), entry.getKey())) != entry.getValue())
            .count();
    assertThat(moved).isLessThan(150);
  }

  @Test
  void leastRequestPrefersWhoHasLessToDo() {
    Cluster least = balanced(Cluster.LoadBalancing.LEAST_REQUEST, 0, false);
    ProxyConfiguration serving = configuration(List.of(), Map.of(least, List.of(at(1), at(2))));
    Map<Integer, Integer> open = new HashMap<>();
    for (int i = 0; i < 100; i++) {
      open.merge(port(pick(serving, least, Set.of(), 0)), 1, Integer::sum);
    }
    assertThat(open).isEqualTo(Map.of(1, 50, 2, 50));
  }

  @Test
  void aNewEndpointStartsSlowly() {
    Cluster slow =
        with(
            Cluster.LoadBalancing.ROUND_ROBIN,
            new Cluster.Balancing(
                0,
                false,
                2,
                1,
                Cluster.Ring.DEFAULT,
                65_537,
                new Cluster.SlowStart(Duration.ofSeconds(10), 1, 10)));
    shares(slow, 1, 0, at(1));
    now += Duration.ofSeconds(60).toNanos();
    ProxyConfiguration serving = configuration(List.of(), Map.of(slow, List.of(at(1), at(2))));
    assertThat(shares(slow, 1000, 0, serving).get(2)).isBetween(20, 90);
    now += Duration.ofSeconds(5).toNanos();
    assertThat(shares(slow, 1000, 0, serving).get(2)).isBetween(200, 300);
    now += Duration.ofSeconds(6).toNanos();
    assertThat(shares(slow, 1000, 0, serving).get(2)).isEqualTo(500);
  }

  private static Cluster balanced(
      Cluster.LoadBalancing policy, double panicPercent, boolean localities) {
    return with(
        policy,
        new Cluster.Balancing(panicPercent, localities, 2, 1, Cluster.Ring.DEFAULT, 65_537, null));
  }

  private static Cluster with(Cluster.LoadBalancing policy, Cluster.Balancing balancing) {
    return new Cluster(
        "app",
        Cluster.Discovery.ASSIGNED,
        null,
        Duration.ofSeconds(1),
        policy,
        Cluster.UpstreamProtocol.HTTP1,
        List.of(),
        null,
        Cluster.Limits.DEFAULT,
        balancing,
        null,
        List.of(),
        Cluster.ConnectionBounds.NONE);
  }

  private Map<Integer, Integer> shares(
      Cluster chosen, int count, long hash, Endpoint... endpoints) {
    return shares(
        chosen, count, hash, configuration(List.of(), Map.of(chosen, List.of(endpoints))));
  }

  /** How often each port is picked; what is picked is finished at once. */
  private Map<Integer, Integer> shares(
      Cluster chosen, int count, long hash, ProxyConfiguration serving) {
    Map<Integer, Integer> shares = new HashMap<>();
    for (int i = 0; i < count; i++) {
      PickedEndpoint picked = upstreams.pick(serving, chosen, loopback(9), Set.of(), hash);
      if (picked != null) {
        shares.merge(port(picked), 1, Integer::sum);
        picked.finished(MILLI, Outcome.SUCCESS);
      }
    }
    return shares;
  }

  private PickedEndpoint pick(
      ProxyConfiguration serving, Cluster chosen, Set<InetSocketAddress> avoid, long hash) {
    PickedEndpoint picked = upstreams.pick(serving, chosen, loopback(9), avoid, hash);
    assertThat(picked).isNotNull();
    return picked;
  }

  private static Endpoint placed(
      int port, Health health, String zone, int priority, int localityWeight) {
    return new Endpoint(
        loopback(port),
        health,
        1,
        new Endpoint.Locality("", zone),
        priority,
        localityWeight,
        Map.of(),
        null,
        null);
  }

  @Test
  void whatIsKnownOutlivesAChangeOfTheConfiguration() {
    picks(serving(at(1), at(2)), 1000, picked -> port(picked) == 1 ? 300 * MILLI : MILLI);
    Map<Integer, Integer> shares =
        picks(
            serving(at(1), at(2), at(3)), 1000, picked -> port(picked) == 1 ? 300 * MILLI : MILLI);
    assertThat(shares.getOrDefault(1, 0)).isLessThan(50);
    // The new one is neither starved nor flooded.
    assertThat(shares.get(3)).isBetween(200, 800);
  }

  @Test
  void roundRobinTakesTurns() {
    Cluster turns =
        new Cluster(
            "app",
            Cluster.Discovery.ASSIGNED,
            null,
            Duration.ofSeconds(1),
            Cluster.LoadBalancing.ROUND_ROBIN,
            Cluster.UpstreamProtocol.HTTP1,
            List.of(),
            null,
            Cluster.Limits.DEFAULT);
    ProxyConfiguration serving =
        configuration(List.of(), Map.of(turns, List.of(at(1, 2), at(2, 1))));
    Map<Integer, Integer> shares = new HashMap<>();
    for (int i = 0; i < 300; i++) {
      PickedEndpoint picked = upstreams.pick(serving, turns, loopback(9), Set.of(), 0);
      assertThat(picked).isNotNull();
      shares.merge(port(picked), 1, Integer::sum);
      picked.finished(MILLI, Outcome.SUCCESS);
    }
    assertThat(shares).isEqualTo(Map.of(1, 200, 2, 100));
  }

  @Test
  void theOriginalDestinationIsTakenAsItIs() {
    Cluster original =
        new Cluster(
            "original",
            Cluster.Discovery.ORIGINAL_DESTINATION,
            null,
            Duration.ofSeconds(1),
            Cluster.LoadBalancing.PEAK_EWMA,
            Cluster.UpstreamProtocol.SAME_AS_DOWNSTREAM,
            List.of(),
            null,
            Cluster.Limits.DEFAULT);
    InetSocketAddress destination = new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 3306);
    PickedEndpoint picked =
        upstreams.pick(
            configuration(List.of(), Map.of(original, List.of())),
            original,
            destination,
            Set.of(),
            0);
    assertThat(picked).isNotNull();
    assertThat(picked.endpoint().address()).isEqualTo(destination);
  }

  @Test
  void tlsIsThatOfTheEndpointsIdentityAndNoneTowardsTheOwnPod() {
    UpstreamTls first = meshTls("first");
    UpstreamTls second = meshTls("second");
    Cluster mesh =
        new Cluster(
            "app",
            Cluster.Discovery.ASSIGNED,
            null,
            Duration.ofSeconds(1),
            Cluster.LoadBalancing.PEAK_EWMA,
            Cluster.UpstreamProtocol.HTTP1,
            List.of(
                new Cluster.TransportSocket(Map.of("identity", "first"), first),
                new Cluster.TransportSocket(Map.of("identity", "second"), second)),
            null,
            Cluster.Limits.DEFAULT);
    assertThat(tls(mesh, "10.0.0.1", Map.of("identity", "first"))).isEqualTo(first);
    assertThat(tls(mesh, "10.0.0.2", Map.of("identity", "second"))).isEqualTo(second);
    assertThat(tls(mesh, "10.0.0.3", Map.of())).isNull();
    assertThat(tls(mesh, "10.0.0.9", Map.of("identity", "first"))).isNull();
  }

  @Test
  void namesAreResolvedAgainAndKeptWhenThatFails() {
    Cluster dns =
        new Cluster(
            "dns",
            Cluster.Discovery.DNS,
            null,
            Duration.ofSeconds(1),
            Cluster.LoadBalancing.PEAK_EWMA,
            Cluster.UpstreamProtocol.HTTP1,
            List.of(),
            null,
            Cluster.Limits.DEFAULT);
    ProxyConfiguration serving =
        configuration(
            List.of(),
            Map.of(
                dns,
                List.of(
                    endpoint(
                        InetSocketAddress.createUnresolved("app.test", 80), Health.HEALTHY, 1))));
    resolved = new InetAddress[] {InetAddress.ofLiteral("192.0.2.1")};
    names.prepare(serving).join();
    assertThat(address(serving, dns)).isEqualTo("192.0.2.1");
    // When the name moves, it is noticed after a while
    resolved = new InetAddress[] {InetAddress.ofLiteral("192.0.2.2")};
    now += Duration.ofSeconds(30).toNanos();
    address(serving, dns);
    assertThat(address(serving, dns)).isEqualTo("192.0.2.2");
    // When DNS fails, the last answer serves
    resolves = false;
    now += Duration.ofSeconds(30).toNanos();
    address(serving, dns);
    assertThat(address(serving, dns)).isEqualTo("192.0.2.2");
  }

  @Test
  void anEndpointCannotBeFinishedTwice() {
    PickedEndpoint picked = pick(serving(at(1)), Set.of());
    picked.finished(1, Outcome.SUCCESS);
    assertThatThrownBy(() -> picked.finished(1, Outcome.SUCCESS))
        .isInstanceOf(IllegalStateException.class);
  }

  private String address(ProxyConfiguration serving, Cluster dns) {
    PickedEndpoint picked = upstreams.pick(serving, dns, loopback(9), Set.of(), 0);
    assertThat(picked).isNotNull();
    picked.finished(MILLI, Outcome.SUCCESS);
    return picked.endpoint().address().getAddress().getHostAddress();
  }

  private interface Latency {
    long of(PickedEndpoint picked);
  }

  private Map<Integer, Integer> picks(ProxyConfiguration serving, int count, Latency latency) {
    Map<Integer, Integer> shares = new HashMap<>();
    for (int i = 0; i < count; i++) {
      now += MILLI / 4;
      PickedEndpoint picked = pick(serving, Set.of());
      shares.merge(port(picked), 1, Integer::sum);
      picked.finished(latency.of(picked), Outcome.SUCCESS);
    }
    return shares;
  }

  private PickedEndpoint pick(ProxyConfiguration serving, Set<InetSocketAddress> avoid) {
    PickedEndpoint picked = upstreams.pick(serving, cluster, loopback(9), avoid, 0);
    assertThat(picked).isNotNull();
    return picked;
  }

  private ProxyConfiguration serving(Endpoint... endpoints) {
    return configuration(List.of(), Map.of(cluster, List.of(endpoints)));
  }

  private static Endpoint at(int port) {
    return at(port, 1);
  }

  private static Endpoint at(int port, int weight) {
    return endpoint(loopback(port), Health.HEALTHY, weight);
  }

  private static int port(PickedEndpoint picked) {
    return picked.endpoint().address().getPort();
  }

  private @Nullable UpstreamTls tls(Cluster mesh, String address, Map<String, String> match) {
    Endpoint endpoint =
        new Endpoint(
            new InetSocketAddress(InetAddress.ofLiteral(address), 80),
            Health.HEALTHY,
            1,
            Endpoint.Locality.UNKNOWN,
            match,
            null);
    PickedEndpoint picked =
        upstreams.pick(
            configuration(List.of(), Map.of(mesh, List.of(endpoint))),
            mesh,
            loopback(9),
            Set.of(),
            0);
    assertThat(picked).isNotNull();
    return picked.tls();
  }
}
