@NullMarked
package dev.heddle.meshapi.telemetry;

import org.jspecify.annotations.NullMarked;
