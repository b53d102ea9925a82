/** Tests. */
@NullMarked
package dev.heddle.ca.rotation;

import org.jspecify.annotations.NullMarked;
