@NullMarked
package dev.heddle.dataplane.http.exchange;

import org.jspecify.annotations.NullMarked;
