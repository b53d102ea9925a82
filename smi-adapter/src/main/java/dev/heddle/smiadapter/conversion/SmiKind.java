package dev.heddle.smiadapter.conversion;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** A kind of the Service Mesh Interface, with its versions, which all shipped as alphas of v1. */
public enum SmiKind {
  TRAFFIC_SPLIT("split.smi-spec.io", "TrafficSplit", 1, 4),
  TRAFFIC_TARGET("access.smi-spec.io", "TrafficTarget", 1, 3),
  HTTP_ROUTE_GROUP("specs.smi-spec.io", "HTTPRouteGroup", 1, 4),
  TCP_ROUTE("specs.smi-spec.io", "TCPRoute", 1, 4),
  UDP_ROUTE("specs.smi-spec.io", "UDPRoute", 4, 4);

  private static final String VERSION = "v1alpha";

  private final String group;
  private final String kind;
  private final int oldest;
  private final int newest;

  SmiKind(String group, String kind, int oldest, int newest) {
    this.group = group;
    this.kind = kind;
    this.oldest = oldest;
    this.newest = newest;
  }

  /** The kind of a group and name; empty if it is none of the Service Mesh Interface's. */
  public static Optional<SmiKind> of(String group, String kind) {
    for (SmiKind candidate : values()) {
      if (candidate.group.equals(group) && candidate.kind.equals(kind)) {
        return Optional.of(candidate);
      }
    }
    return Optional.empty();
  }

  public String group() {
    return group;
  }

  /** The name of the kind, as objects carry it. */
  public String kind() {
    return kind;
  }

  /** Every version that is served, oldest first. */
  public List<String> versions() {
    return IntStream.rangeClosed(oldest, newest).mapToObj(number -> VERSION + number).toList();
  }

  /** The version that is stored: the newest. */
  public String storedVersion() {
    return VERSION + newest;
  }

  /** Where a version has a field that the stored version has at a path. */
  public String path(String version, String stored) {
    return VersionShape.of(this, version).path(stored);
  }
}
