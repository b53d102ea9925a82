/**
 * What the spans of HTTP requests and of their attempts say, and how requests carry the context.
 */
@NullMarked
package dev.heddle.dataplane.http.tracing;

import org.jspecify.annotations.NullMarked;
