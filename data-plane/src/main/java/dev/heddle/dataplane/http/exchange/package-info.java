/**
 * One request and its answer, from routing to the last byte, independent of the protocols at its
 * two ends: attempts, retries, time limits, flow control, and what the proxy answers itself.
 */
@NullMarked
package dev.heddle.dataplane.http.exchange;

import org.jspecify.annotations.NullMarked;
