/** The process: its settings, its parts put together, its metrics. */
@NullMarked
package dev.heddle.ca;

import org.jspecify.annotations.NullMarked;
