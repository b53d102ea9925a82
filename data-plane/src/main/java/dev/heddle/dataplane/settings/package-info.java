/** What a proxy in a pod is told by its environment, as values that check themselves. */
@NullMarked
package dev.heddle.dataplane.settings;

import org.jspecify.annotations.NullMarked;
