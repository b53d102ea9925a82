@NullMarked
package dev.heddle.dataplane.json;

import org.jspecify.annotations.NullMarked;
