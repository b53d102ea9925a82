/** Writing JSON without a library: the access log and the admin pages, nothing else. */
@NullMarked
package dev.heddle.dataplane.json;

import org.jspecify.annotations.NullMarked;
