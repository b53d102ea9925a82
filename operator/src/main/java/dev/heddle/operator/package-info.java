/** The operator's process: its settings, its parts and how they start. */
@NullMarked
package dev.heddle.operator;

import org.jspecify.annotations.NullMarked;
