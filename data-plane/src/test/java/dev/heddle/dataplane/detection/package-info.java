@NullMarked
package dev.heddle.dataplane.detection;

import org.jspecify.annotations.NullMarked;
