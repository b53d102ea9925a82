/**
 * Distributed traces: the context that requests carry (W3C Trace Context), and the spans that are
 * collected, queued within bounds and exported (OTLP). Nothing of it is loaded in a proxy that
 * traces nothing.
 */
@NullMarked
package dev.heddle.dataplane.trace;

import org.jspecify.annotations.NullMarked;
