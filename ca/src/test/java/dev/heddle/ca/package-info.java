/** The certificate authority as a whole. */
@NullMarked
package dev.heddle.ca;

import org.jspecify.annotations.NullMarked;
