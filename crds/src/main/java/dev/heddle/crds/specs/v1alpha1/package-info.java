/** The Java types of HTTPRouteGroup and TCPRoute in {@code specs.smi-spec.io/v1alpha1}. */
@NullMarked
package dev.heddle.crds.specs.v1alpha1;

import org.jspecify.annotations.NullMarked;
