/** Event loops and sockets: the one place where sockets are made. */
@NullMarked
package dev.heddle.dataplane.transport;

import org.jspecify.annotations.NullMarked;
