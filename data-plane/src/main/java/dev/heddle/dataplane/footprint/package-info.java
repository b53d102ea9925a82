/** What the process keeps in memory beyond what it serves. */
@NullMarked
package dev.heddle.dataplane.footprint;

import org.jspecify.annotations.NullMarked;
