/** The Java types of {@code TrafficSplit} in {@code split.smi-spec.io/v1alpha1}. */
@NullMarked
package dev.heddle.crds.split.v1alpha1;

import org.jspecify.annotations.NullMarked;
