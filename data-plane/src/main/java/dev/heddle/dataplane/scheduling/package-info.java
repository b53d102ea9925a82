/** When the kernel runs the proxy's threads. */
@NullMarked
package dev.heddle.dataplane.scheduling;

import org.jspecify.annotations.NullMarked;
