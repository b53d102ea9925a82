@NullMarked
package dev.heddle.dataplane.upstream;

import org.jspecify.annotations.NullMarked;
