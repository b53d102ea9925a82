package dev.heddle.crds.split.v1alpha3;

/**
 * One of the Services that the traffic of a split goes to.
 *
 * @param service name of the Service, in the namespace of the split
 * @param weight share of the traffic in proportion to the sum of all weights; at least 0, which
 *     means none
 */
public record TrafficSplitBackend(String service, int weight) {}
