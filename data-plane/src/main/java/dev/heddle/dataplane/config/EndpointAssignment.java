package dev.heddle.dataplane.config;

import java.util.List;

/** The endpoints of a cluster (envoy.config.endpoint.v3.ClusterLoadAssignment). */
public record EndpointAssignment(List<Endpoint> endpoints) {

  public static final EndpointAssignment NONE = new EndpointAssignment(List.of());

  public EndpointAssignment {
    endpoints = List.copyOf(endpoints);
  }
}
