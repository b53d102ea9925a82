/** Who asks for a certificate. */
@NullMarked
package dev.heddle.ca.authentication;

import org.jspecify.annotations.NullMarked;
