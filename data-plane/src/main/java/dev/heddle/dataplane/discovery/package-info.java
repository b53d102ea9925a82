/** Learning what stands behind a destination at the first connection to it. */
@NullMarked
package dev.heddle.dataplane.discovery;

import org.jspecify.annotations.NullMarked;
