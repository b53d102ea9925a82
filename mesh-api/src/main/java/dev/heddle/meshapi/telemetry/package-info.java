/**
 * What both ends of a telemetry report know: how latencies are counted so that they can be summed
 * up.
 */
@NullMarked
package dev.heddle.meshapi.telemetry;

import org.jspecify.annotations.NullMarked;
