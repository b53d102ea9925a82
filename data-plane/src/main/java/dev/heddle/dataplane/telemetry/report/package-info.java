/**
 * What the proxy tells the control plane of its traffic: counts and latencies per edge, every few
 * seconds. A proxy on its own has none of this.
 */
@NullMarked
package dev.heddle.dataplane.telemetry.report;

import org.jspecify.annotations.NullMarked;
