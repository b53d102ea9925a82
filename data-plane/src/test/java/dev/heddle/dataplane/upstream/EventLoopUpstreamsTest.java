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
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

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
  private final EventLoopUpstreams upstreams =
      new EventLoopUpstreams(
          address -> address.getHostAddress().equals("10.0.0.9"),
          names,
          new SplittableRandom(1),
          () -> now);

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
        picked.finished(-1, true);
      } else {
        picked.finished(MILLI, false);
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
    pick(serving, Set.of()).finished(-1, true);
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
  void drainingEndpointsServeOnlyWithoutHealthyOnesAndUnhealthyNever() {
    Endpoint draining = endpoint(loopback(2), Health.DRAINING, 1);
    Endpoint unhealthy = endpoint(loopback(3), Health.UNHEALTHY, 1);
    ProxyConfiguration serving = serving(at(1), draining, unhealthy);
    assertThat(picks(serving, 100, picked -> MILLI)).containsOnlyKeys(1);
    assertThat(picks(serving(draining, unhealthy), 100, picked -> MILLI)).containsOnlyKeys(2);
    assertThat(upstreams.pick(serving(unhealthy), cluster, loopback(9), Set.of())).isNull();
    assertThat(upstreams.pick(serving(), cluster, loopback(9), Set.of())).isNull();
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
      PickedEndpoint picked = upstreams.pick(serving, turns, loopback(9), Set.of());
      assertThat(picked).isNotNull();
      shares.merge(port(picked), 1, Integer::sum);
      picked.finished(MILLI, false);
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
            configuration(List.of(), Map.of(original, List.of())), original, destination, Set.of());
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
    picked.finished(1, false);
    assertThatThrownBy(() -> picked.finished(1, false)).isInstanceOf(IllegalStateException.class);
  }

  private String address(ProxyConfiguration serving, Cluster dns) {
    PickedEndpoint picked = upstreams.pick(serving, dns, loopback(9), Set.of());
    assertThat(picked).isNotNull();
    picked.finished(MILLI, false);
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
      picked.finished(latency.of(picked), false);
    }
    return shares;
  }

  private PickedEndpoint pick(ProxyConfiguration serving, Set<InetSocketAddress> avoid) {
    PickedEndpoint picked = upstreams.pick(serving, cluster, loopback(9), avoid);
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
            configuration(List.of(), Map.of(mesh, List.of(endpoint))), mesh, loopback(9), Set.of());
    assertThat(picked).isNotNull();
    return picked.tls();
  }
}
