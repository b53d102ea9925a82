@NullMarked
package dev.heddle.dataplane.telemetry;

import org.jspecify.annotations.NullMarked;
