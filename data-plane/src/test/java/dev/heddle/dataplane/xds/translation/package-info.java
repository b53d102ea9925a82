@NullMarked
package dev.heddle.dataplane.xds.translation;

import org.jspecify.annotations.NullMarked;
