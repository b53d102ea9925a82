/**
 * The Java types of {@code TrafficTarget} in {@code access.smi-spec.io/v1alpha3}, the version that
 * is stored.
 */
@NullMarked
package dev.heddle.crds.access.v1alpha3;

import org.jspecify.annotations.NullMarked;
