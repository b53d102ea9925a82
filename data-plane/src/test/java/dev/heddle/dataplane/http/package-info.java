@NullMarked
package dev.heddle.dataplane.http;

import org.jspecify.annotations.NullMarked;
