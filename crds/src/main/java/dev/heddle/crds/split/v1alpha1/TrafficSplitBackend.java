package dev.heddle.crds.split.v1alpha1;

import io.fabric8.kubernetes.api.model.IntOrString;

/**
 * One of the Services that the traffic of a split goes to.
 *
 * @param service name of the Service, in the namespace of the split
 * @param weight share of the traffic in proportion to the sum of all weights, as a quantity: {@code
 *     500m} is half of {@code 1}; 0 means none
 */
public record TrafficSplitBackend(String service, IntOrString weight) {}
