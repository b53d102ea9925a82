/** Which connections are open, and how they are asked to finish or to make room. */
@NullMarked
package dev.heddle.dataplane.lifecycle;

import org.jspecify.annotations.NullMarked;
