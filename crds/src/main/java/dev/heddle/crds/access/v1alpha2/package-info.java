/** The Java types of {@code TrafficTarget} in {@code access.smi-spec.io/v1alpha2}. */
@NullMarked
package dev.heddle.crds.access.v1alpha2;

import org.jspecify.annotations.NullMarked;
