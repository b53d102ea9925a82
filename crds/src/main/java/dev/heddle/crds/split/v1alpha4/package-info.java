/**
 * The Java types of {@code TrafficSplit} in {@code split.smi-spec.io/v1alpha4}, the version that is
 * stored.
 */
@NullMarked
package dev.heddle.crds.split.v1alpha4;

import org.jspecify.annotations.NullMarked;
