/**
 * What decides on a request between its route and its endpoint: access, faults made on purpose,
 * rate limits. Filters that a connection manager does not have cost nothing.
 */
@NullMarked
package dev.heddle.dataplane.http.filter;

import org.jspecify.annotations.NullMarked;
