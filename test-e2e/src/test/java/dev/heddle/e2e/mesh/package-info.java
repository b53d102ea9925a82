/** Heddle installed in the cluster under test, as a user would install it. */
@NullMarked
package dev.heddle.e2e.mesh;

import org.jspecify.annotations.NullMarked;
