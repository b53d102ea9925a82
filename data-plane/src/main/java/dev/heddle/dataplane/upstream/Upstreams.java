package dev.heddle.dataplane.upstream;

import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.config.ProxyConfiguration;
import java.net.InetSocketAddress;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The clusters of one event loop: load balancing state that outlives configuration swaps, keyed by
 * cluster and endpoint address. Used on its event loop only.
 */
public interface Upstreams {

  /**
   * Picks an endpoint of the cluster for one request or connection.
   *
   * @param originalDestination used by clusters of discovery ORIGINAL_DESTINATION
   * @param avoid endpoints already tried; picked again only when there is no other
   * @param hash of the request, for clusters whose policy hashes; 0 for none, then a random one
   * @return the endpoint with its load counted from now until {@link PickedEndpoint#finished} is
   *     called, or null when there is none
   */
  @Nullable PickedEndpoint pick(
      ProxyConfiguration configuration,
      Cluster cluster,
      InetSocketAddress originalDestination,
      Set<InetSocketAddress> avoid,
      long hash);
}
