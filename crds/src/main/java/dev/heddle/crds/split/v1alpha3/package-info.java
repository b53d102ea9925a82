/** The Java types of {@code TrafficSplit} in {@code split.smi-spec.io/v1alpha3}. */
@NullMarked
package dev.heddle.crds.split.v1alpha3;

import org.jspecify.annotations.NullMarked;
