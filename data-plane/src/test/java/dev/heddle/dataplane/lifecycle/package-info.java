@NullMarked
package dev.heddle.dataplane.lifecycle;

import org.jspecify.annotations.NullMarked;
