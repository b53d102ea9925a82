package dev.heddle.dataplane;

import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.config.FilterChain;
import dev.heddle.dataplane.config.FilterChainMatch;
import dev.heddle.dataplane.config.Listener;
import dev.heddle.dataplane.config.ProxyConfiguration;
import dev.heddle.dataplane.config.TerminalFilter;
import dev.heddle.dataplane.config.TrafficDirection;
import dev.heddle.dataplane.config.WeightedCluster;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What a sidecar serves by before it is told anything: everything that the pod sends comes to one
 * listener, and passes to where it was meant to go.
 */
final class SidecarResources {

  static final String PASSTHROUGH = "outbound/passthrough";
  static final int OUTBOUND_PORT = 15001;

  private static final String CAPTURE = "outbound/capture";
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

  private SidecarResources() {}

  /**
   * The configuration.
   *
   * @param outboundPort where the pod's redirect sends what leaves it; 0 for any
   */
  static ProxyConfiguration of(int outboundPort) {
    Listener capture =
        new Listener(
            CAPTURE,
            new InetSocketAddress("0.0.0.0", outboundPort),
            TrafficDirection.OUTBOUND,
            true,
            true,
            false,
            false,
            List.of(),
            new FilterChain(
                PASSTHROUGH,
                FilterChainMatch.ANY,
                null,
                new TerminalFilter.TcpProxy(
                    PASSTHROUGH, List.of(new WeightedCluster(PASSTHROUGH, 1)), Duration.ZERO)));
    Cluster passthrough =
        new Cluster(
            PASSTHROUGH,
            Cluster.Discovery.ORIGINAL_DESTINATION,
            null,
            CONNECT_TIMEOUT,
            Cluster.LoadBalancing.PEAK_EWMA,
            Cluster.UpstreamProtocol.SAME_AS_DOWNSTREAM,
            List.of(),
            null,
            Cluster.Limits.DEFAULT);
    return new ProxyConfiguration(
        0, Map.of(CAPTURE, capture), Map.of(), Map.of(PASSTHROUGH, passthrough), Map.of());
  }

  /** Name of the listener for what is sent to a pod. */
  static String inboundListener(String namespace, String pod) {
    return "inbound/" + namespace + "/" + pod;
  }
}
