/** The Java types of HTTPRouteGroup and TCPRoute in {@code specs.smi-spec.io/v1alpha2}. */
@NullMarked
package dev.heddle.crds.specs.v1alpha2;

import org.jspecify.annotations.NullMarked;
