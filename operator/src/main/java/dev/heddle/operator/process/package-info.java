/** What surrounds the operator in its pod: health, metrics and log lines. */
@NullMarked
package dev.heddle.operator.process;

import org.jspecify.annotations.NullMarked;
