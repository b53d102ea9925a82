/**
 * An aggregated API server: TrafficMetrics as a group of the Kubernetes API, with the
 * authentication and authorization that the API server itself applies.
 */
@NullMarked
package dev.heddle.smiadapter.aggregated;

import org.jspecify.annotations.NullMarked;
