/**
 * The Java types of {@code MeshInstall} ({@code heddle.dev/v1alpha1}): immutable records that agree
 * with its schema.
 */
@NullMarked
package dev.heddle.crds.install;

import org.jspecify.annotations.NullMarked;
