@NullMarked
package dev.heddle.dataplane.listener;

import org.jspecify.annotations.NullMarked;
