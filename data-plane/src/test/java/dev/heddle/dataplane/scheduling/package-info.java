@NullMarked
package dev.heddle.dataplane.scheduling;

import org.jspecify.annotations.NullMarked;
