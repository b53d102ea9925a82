/**
 * The client of the control plane: one delta ADS stream, subscriptions that follow what the
 * application uses, and the last good resources kept for the next start. All state lives on one
 * thread; what serves is published as immutable values.
 */
@NullMarked
package dev.heddle.dataplane.xds;

import org.jspecify.annotations.NullMarked;
