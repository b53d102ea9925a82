@NullMarked
package dev.heddle.dataplane.access;

import org.jspecify.annotations.NullMarked;
