/** How names and addresses are looked up. */
@NullMarked
package dev.heddle.smiadapter.resolution;

import org.jspecify.annotations.NullMarked;
