package dev.heddle.dataplane.xds.translation;

import io.envoyproxy.envoy.config.core.v3.HttpUri;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;

/**
 * Where the proxy sends requests of its own (envoy.config.core.v3.HttpUri).
 *
 * @param path with its query
 * @param timeout above zero
 */
record HttpTarget(String cluster, String scheme, String authority, String path, Duration timeout) {

  private static final Duration LONGEST = Duration.ofSeconds(30);

  static HttpTarget of(HttpUri target, FieldPath path) {
    path.allowOnly(target, Set.of("uri", "cluster", "timeout"));
    URI uri;
    try {
      uri = URI.create(target.getUri());
    } catch (IllegalArgumentException e) {
      throw path.field("uri").invalid('"' + target.getUri() + '"', "an http or https URI");
    }
    String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    if (!Set.of("http", "https").contains(scheme) || uri.getRawAuthority() == null) {
      throw path.field("uri").invalid('"' + target.getUri() + '"', "an http or https URI");
    }
    if (target.getCluster().isEmpty()) {
      throw path.field("cluster").invalid("\"\"", "a cluster's name");
    }
    String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
    return new HttpTarget(
        target.getCluster(),
        scheme,
        uri.getRawAuthority(),
        (uri.getRawPath().isEmpty() ? "/" : uri.getRawPath()) + query,
        timeout(target.getTimeout(), path.field("timeout")));
  }

  /** A bound on one of the proxy's own requests. */
  static Duration timeout(com.google.protobuf.Duration configured, FieldPath path) {
    Duration timeout = Values.duration(configured, path);
    if (!timeout.isPositive() || timeout.compareTo(LONGEST) > 0) {
      throw path.invalid(timeout, "above 0 and at most " + LONGEST);
    }
    return timeout;
  }
}
