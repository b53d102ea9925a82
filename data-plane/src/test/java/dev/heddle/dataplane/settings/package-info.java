@NullMarked
package dev.heddle.dataplane.settings;

import org.jspecify.annotations.NullMarked;
