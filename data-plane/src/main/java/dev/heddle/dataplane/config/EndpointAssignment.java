package dev.heddle.dataplane.config;

import java.util.List;

/**
 * The endpoints of a cluster (envoy.config.endpoint.v3.ClusterLoadAssignment).
 *
 * @param overprovisioningPercent how much traffic the healthy endpoints of a priority or locality
 *     can take, of their share: at 140, up to two sevenths of it may fail before some goes
 *     elsewhere
 */
public record EndpointAssignment(List<Endpoint> endpoints, int overprovisioningPercent) {

  /** Envoy's. */
  public static final int DEFAULT_OVERPROVISIONING_PERCENT = 140;

  public static final EndpointAssignment NONE = new EndpointAssignment(List.of());

  public EndpointAssignment {
    endpoints = List.copyOf(endpoints);
  }

  public EndpointAssignment(List<Endpoint> endpoints) {
    this(endpoints, DEFAULT_OVERPROVISIONING_PERCENT);
  }
}
