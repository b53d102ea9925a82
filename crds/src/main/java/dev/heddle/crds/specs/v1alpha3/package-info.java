/** The Java types of HTTPRouteGroup and TCPRoute in {@code specs.smi-spec.io/v1alpha3}. */
@NullMarked
package dev.heddle.crds.specs.v1alpha3;

import org.jspecify.annotations.NullMarked;
