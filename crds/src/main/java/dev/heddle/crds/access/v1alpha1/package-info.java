/** The Java types of {@code TrafficTarget} in {@code access.smi-spec.io/v1alpha1}. */
@NullMarked
package dev.heddle.crds.access.v1alpha1;

import org.jspecify.annotations.NullMarked;
