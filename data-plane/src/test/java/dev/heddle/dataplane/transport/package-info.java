@NullMarked
package dev.heddle.dataplane.transport;

import org.jspecify.annotations.NullMarked;
