@NullMarked
package dev.heddle.dataplane.admin;

import org.jspecify.annotations.NullMarked;
