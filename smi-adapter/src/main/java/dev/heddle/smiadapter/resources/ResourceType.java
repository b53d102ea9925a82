package dev.heddle.smiadapter.resources;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The types of resource served. Their order is the one in which additions are sent, so that what is
 * referred to is there before what refers to it; removals go the other way round (xDS protocol,
 * "Eventual consistency considerations").
 */
public enum ResourceType {
  /** A destination and how to connect to it. */
  CLUSTER("envoy.config.cluster.v3.Cluster", true),
  /** The endpoints of a destination. */
  ENDPOINT("envoy.config.endpoint.v3.ClusterLoadAssignment", false),
  /** An address that traffic is addressed to, and what is done with it. */
  LISTENER("envoy.config.listener.v3.Listener", true),
  /** Where HTTP requests of a listener go. */
  ROUTE("envoy.config.route.v3.RouteConfiguration", false);

  private static final Map<String, ResourceType> BY_URL =
      Arrays.stream(values())
          .collect(Collectors.toUnmodifiableMap(ResourceType::url, Function.identity()));

  private final String url;
  private final boolean wildcardWhenEmpty;

  ResourceType(String message, boolean wildcardWhenEmpty) {
    this.url = "type.googleapis.com/" + message;
    this.wildcardWhenEmpty = wildcardWhenEmpty;
  }

  /** The type URL on the wire. */
  public String url() {
    return url;
  }

  /** Whether a first request that names nothing asks for everything (xDS legacy wildcard). */
  public boolean wildcardWhenEmpty() {
    return wildcardWhenEmpty;
  }

  /** The type with this URL, if it is served. */
  public static Optional<ResourceType> ofUrl(String url) {
    return Optional.ofNullable(BY_URL.get(url));
  }
}
