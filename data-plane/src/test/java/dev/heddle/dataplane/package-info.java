@NullMarked
package dev.heddle.dataplane;

import org.jspecify.annotations.NullMarked;
