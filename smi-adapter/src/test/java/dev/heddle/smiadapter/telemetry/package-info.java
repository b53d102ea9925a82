@NullMarked
package dev.heddle.smiadapter.telemetry;

import org.jspecify.annotations.NullMarked;
