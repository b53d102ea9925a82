@NullMarked
package dev.heddle.dataplane.discovery;

import org.jspecify.annotations.NullMarked;
