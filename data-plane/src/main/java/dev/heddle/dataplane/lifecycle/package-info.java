/** How the proxy ends: which connections are open, and how they are asked to finish. */
@NullMarked
package dev.heddle.dataplane.lifecycle;

import org.jspecify.annotations.NullMarked;
