/** Connections to endpoints, kept per event loop and used again where that is safe. */
@NullMarked
package dev.heddle.dataplane.http.pool;

import org.jspecify.annotations.NullMarked;
