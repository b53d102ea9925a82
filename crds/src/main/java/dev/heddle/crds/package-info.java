/**
 * The manifests of Heddle's custom resource definitions, and what their Java types have in common.
 */
@NullMarked
package dev.heddle.crds;

import org.jspecify.annotations.NullMarked;
