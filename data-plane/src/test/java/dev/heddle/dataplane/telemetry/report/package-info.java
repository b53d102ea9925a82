@NullMarked
package dev.heddle.dataplane.telemetry.report;

import org.jspecify.annotations.NullMarked;
