/** A proxy on loopback sockets, and what stands around it in tests. */
@NullMarked
package dev.heddle.dataplane.loopback;

import org.jspecify.annotations.NullMarked;
