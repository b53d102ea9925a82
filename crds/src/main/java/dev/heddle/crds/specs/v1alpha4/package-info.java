/**
 * The Java types of HTTPRouteGroup, TCPRoute and UDPRoute in {@code specs.smi-spec.io/v1alpha4},
 * the version that is stored.
 */
@NullMarked
package dev.heddle.crds.specs.v1alpha4;

import org.jspecify.annotations.NullMarked;
