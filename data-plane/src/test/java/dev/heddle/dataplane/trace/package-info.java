@NullMarked
package dev.heddle.dataplane.trace;

import org.jspecify.annotations.NullMarked;
