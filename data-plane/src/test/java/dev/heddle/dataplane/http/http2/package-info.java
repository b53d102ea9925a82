@NullMarked
package dev.heddle.dataplane.http.http2;

import org.jspecify.annotations.NullMarked;
