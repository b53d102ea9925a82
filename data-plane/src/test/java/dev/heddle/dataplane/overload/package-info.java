@NullMarked
package dev.heddle.dataplane.overload;

import org.jspecify.annotations.NullMarked;
