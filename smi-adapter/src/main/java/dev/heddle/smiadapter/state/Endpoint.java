package dev.heddle.smiadapter.state;

import org.jspecify.annotations.Nullable;

/**
 * One address behind a service.
 *
 * @param address an IP address
 * @param availability whether it may get traffic
 * @param workload the pod at that address, or null when it is none of the cluster's
 * @param node the node it runs on, or null when unknown
 * @param zone the zone it runs in, or null when unknown
 */
public record Endpoint(
    String address,
    Availability availability,
    @Nullable ObjectName workload,
    @Nullable String node,
    @Nullable String zone) {}
