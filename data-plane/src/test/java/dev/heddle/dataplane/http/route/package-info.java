@NullMarked
package dev.heddle.dataplane.http.route;

import org.jspecify.annotations.NullMarked;
