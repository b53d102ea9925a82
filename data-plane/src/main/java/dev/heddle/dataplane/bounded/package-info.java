/** Collections that never grow beyond a bound, whatever a peer makes the proxy remember. */
@NullMarked
package dev.heddle.dataplane.bounded;

import org.jspecify.annotations.NullMarked;
