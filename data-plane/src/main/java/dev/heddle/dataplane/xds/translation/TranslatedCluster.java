package dev.heddle.dataplane.xds.translation;

import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.config.EndpointAssignment;

/** A cluster, and where its endpoints come from. */
public record TranslatedCluster(Cluster cluster, EndpointSource endpoints) {

  /** Where a cluster's endpoints come from. */
  public sealed interface EndpointSource {
    /** In the cluster itself; empty for clusters of the original destination. */
    record Inline(EndpointAssignment assignment) implements EndpointSource {}

    /** In the ClusterLoadAssignment of this name. */
    record Named(String name) implements EndpointSource {}
  }
}
