/** Decides when roots and the certificates below them are made anew, and keeps them in Secrets. */
@NullMarked
package dev.heddle.ca.rotation;

import org.jspecify.annotations.NullMarked;
