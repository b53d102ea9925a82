package dev.heddle.dataplane.bootstrap;

import dev.heddle.dataplane.config.ProxyConfiguration;
import dev.heddle.dataplane.config.UpstreamTls;
import dev.heddle.dataplane.xds.translation.SecretSource;
import io.envoyproxy.envoy.config.core.v3.Node;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * What a bootstrap file says.
 *
 * @param resources the static ones
 * @param secrets the static ones, which resources of the control plane may name too
 * @param admin where the admin pages listen; null for none
 * @param controlPlane null for a proxy with static resources only
 */
public record StandaloneConfiguration(
    ProxyConfiguration resources,
    SecretSource secrets,
    @Nullable InetSocketAddress admin,
    @Nullable ControlPlane controlPlane) {

  /**
   * A delta ADS server, which gives all listeners.
   *
   * @param address a host name is left unresolved
   * @param tls null for plaintext
   */
  public record ControlPlane(Node node, InetSocketAddress address, @Nullable UpstreamTls tls) {}
}
