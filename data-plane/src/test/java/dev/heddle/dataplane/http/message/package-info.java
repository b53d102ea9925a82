@NullMarked
package dev.heddle.dataplane.http.message;

import org.jspecify.annotations.NullMarked;
