/** Telling a protocol by the first bytes of a connection. Pure functions over what has arrived. */
@NullMarked
package dev.heddle.dataplane.detection;

import org.jspecify.annotations.NullMarked;
