/** Tests. */
@NullMarked
package dev.heddle.ca.signing;

import org.jspecify.annotations.NullMarked;
