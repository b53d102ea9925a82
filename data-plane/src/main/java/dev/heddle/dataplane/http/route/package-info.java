/**
 * Deciding where a request goes and whether it may: pure functions of the configuration and the
 * request.
 */
@NullMarked
package dev.heddle.dataplane.http.route;

import org.jspecify.annotations.NullMarked;
