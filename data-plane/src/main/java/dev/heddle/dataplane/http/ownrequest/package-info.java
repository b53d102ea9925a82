/**
 * Requests that the proxy makes on its own over its pooled connections: for key sets, for spans,
 * with copies of other requests. Health checks build on them.
 */
@NullMarked
package dev.heddle.dataplane.http.ownrequest;

import org.jspecify.annotations.NullMarked;
