/** The Java types of {@code TrafficSplit} in {@code split.smi-spec.io/v1alpha2}. */
@NullMarked
package dev.heddle.crds.split.v1alpha2;

import org.jspecify.annotations.NullMarked;
