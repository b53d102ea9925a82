@NullMarked
package dev.heddle.dataplane.bootstrap;

import org.jspecify.annotations.NullMarked;
