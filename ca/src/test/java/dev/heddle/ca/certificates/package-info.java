/** Tests. */
@NullMarked
package dev.heddle.ca.certificates;

import org.jspecify.annotations.NullMarked;
