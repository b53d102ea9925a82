package dev.heddle.dataplane.loopback;

import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.config.DownstreamTls;
import dev.heddle.dataplane.config.Endpoint;
import dev.heddle.dataplane.config.EndpointAssignment;
import dev.heddle.dataplane.config.FilterChain;
import dev.heddle.dataplane.config.FilterChainMatch;
import dev.heddle.dataplane.config.Listener;
import dev.heddle.dataplane.config.ProxyConfiguration;
import dev.heddle.dataplane.config.RouteConfiguration;
import dev.heddle.dataplane.config.TerminalFilter;
import dev.heddle.dataplane.config.TlsCertificate;
import dev.heddle.dataplane.config.TrafficDirection;
import dev.heddle.dataplane.config.UpstreamTls;
import dev.heddle.dataplane.config.WeightedCluster;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Configurations as tests need them. */
public final class Configurations {
  public static final String SERVER_NAME = "mesh.heddle.internal";
  private static final AtomicLong VERSIONS = new AtomicLong(1);

  private Configurations() {}

  public static InetSocketAddress loopback(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  public static Endpoint endpoint(InetSocketAddress address, Endpoint.Health health, int weight) {
    return new Endpoint(address, health, weight, Endpoint.Locality.UNKNOWN, Map.of(), null);
  }

  public static Endpoint endpoint(int port) {
    return endpoint(loopback(port), Endpoint.Health.HEALTHY, 1);
  }

  public static Cluster cluster(String name, @Nullable UpstreamTls tls) {
    return cluster(name, tls, Cluster.Limits.DEFAULT);
  }

  public static Cluster cluster(String name, @Nullable UpstreamTls tls, Cluster.Limits limits) {
    return new Cluster(
        name,
        Cluster.Discovery.ASSIGNED,
        null,
        Duration.ofSeconds(2),
        Cluster.LoadBalancing.PEAK_EWMA,
        Cluster.UpstreamProtocol.SAME_AS_DOWNSTREAM,
        List.of(),
        tls,
        limits);
  }

  /** Mesh TLS towards a peer of the given identity. */
  public static UpstreamTls meshTls(String serviceAccount) {
    return new UpstreamTls(
        new TlsCertificate.Workload(),
        SERVER_NAME,
        List.of(MeshAuthority.id(serviceAccount).toString()),
        List.of());
  }

  public static TerminalFilter.TcpProxy tcp(WeightedCluster... clusters) {
    return new TerminalFilter.TcpProxy("tcp", List.of(clusters), Duration.ZERO);
  }

  public static TerminalFilter.TcpProxy tcp(String cluster) {
    return tcp(new WeightedCluster(cluster, 1));
  }

  public static TerminalFilter.HttpConnectionManager http() {
    return new TerminalFilter.HttpConnectionManager(
        "http",
        TerminalFilter.Codec.AUTO,
        new TerminalFilter.RouteSource.Inline(new RouteConfiguration("routes", List.of())),
        List.of(),
        Duration.ZERO,
        Duration.ZERO,
        Duration.ZERO);
  }

  public static FilterChain chain(
      String name, FilterChainMatch match, @Nullable DownstreamTls tls, TerminalFilter filter) {
    return new FilterChain(name, match, tls, filter);
  }

  /** A bound listener on a free port with the chain {@code tcp} alone. */
  public static Listener plainTcp(String name, TerminalFilter.TcpProxy filter) {
    return new Listener(
        name,
        loopback(0),
        TrafficDirection.OUTBOUND,
        true,
        false,
        false,
        false,
        List.of(),
        chain("tcp", FilterChainMatch.ANY, null, filter));
  }

  /** A bound listener on a free port that detects HTTP, as an outbound one of unknown protocol. */
  public static Listener detecting(String name, TerminalFilter.TcpProxy filter) {
    return new Listener(
        name,
        loopback(0),
        TrafficDirection.OUTBOUND,
        true,
        false,
        true,
        false,
        List.of(
            chain(
                "http",
                new FilterChainMatch(0, List.of(), null, Set.of("http/1.0", "http/1.1", "h2c")),
                null,
                http())),
        chain("tcp", FilterChainMatch.ANY, null, filter));
  }

  /** A bound listener as the inbound one of a pod. */
  public static Listener inbound(String name, TerminalFilter.TcpProxy filter) {
    DownstreamTls httpTls =
        new DownstreamTls(new TlsCertificate.Workload(), true, List.of("h2", "http/1.1"));
    DownstreamTls tcpTls = new DownstreamTls(new TlsCertificate.Workload(), true, List.of());
    return new Listener(
        name,
        loopback(0),
        TrafficDirection.INBOUND,
        true,
        false,
        true,
        true,
        List.of(
            chain(
                "mesh-http",
                new FilterChainMatch(0, List.of(SERVER_NAME), "tls", Set.of("h2", "http/1.1")),
                httpTls,
                http()),
            chain(
                "mesh-tcp",
                new FilterChainMatch(0, List.of(SERVER_NAME), "tls", Set.of()),
                tcpTls,
                filter),
            chain(
                "http",
                new FilterChainMatch(
                    0, List.of(), "raw_buffer", Set.of("http/1.0", "http/1.1", "h2c")),
                null,
                http())),
        chain("tcp", FilterChainMatch.ANY, null, filter));
  }

  /** A configuration of listeners and of clusters with their endpoints. */
  public static ProxyConfiguration configuration(
      List<Listener> listeners, Map<Cluster, List<Endpoint>> clusters) {
    Map<String, Listener> byName = new HashMap<>();
    listeners.forEach(listener -> byName.put(listener.name(), listener));
    Map<String, Cluster> clustersByName = new HashMap<>();
    Map<String, EndpointAssignment> endpoints = new HashMap<>();
    clusters.forEach((cluster, assigned) -> {
      clustersByName.put(cluster.name(), cluster);
      endpoints.put(cluster.name(), new EndpointAssignment(assigned));
    });
    return new ProxyConfiguration(
        VERSIONS.incrementAndGet(), byName, Map.of(), clustersByName, endpoints);
  }
}
