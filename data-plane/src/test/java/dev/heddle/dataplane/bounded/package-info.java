@NullMarked
package dev.heddle.dataplane.bounded;

import org.jspecify.annotations.NullMarked;
