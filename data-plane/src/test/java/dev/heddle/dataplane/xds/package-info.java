@NullMarked
package dev.heddle.dataplane.xds;

import org.jspecify.annotations.NullMarked;
