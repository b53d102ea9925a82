@NullMarked
package dev.heddle.dataplane.tcp;

import org.jspecify.annotations.NullMarked;
