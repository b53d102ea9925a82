/**
 * Clusters at run time: who of their endpoints is well, how much may be under way, picking one and
 * connecting to it. What a request touches is kept per event loop; what all loops must agree on
 * (circuit breakers where they are configured, health, outlier detection) is shared in {@link
 * dev.heddle.dataplane.upstream.SharedClusters} and is read without a lock; locks are taken only
 * when something about an endpoint or a cluster changes.
 */
@NullMarked
package dev.heddle.dataplane.upstream;

import org.jspecify.annotations.NullMarked;
