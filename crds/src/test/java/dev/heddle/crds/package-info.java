/** Holds the manifests and the Java types together. */
@NullMarked
package dev.heddle.crds;

import org.jspecify.annotations.NullMarked;
