/**
 * The configuration by which the proxy serves: immutable values in the field's terms, closed (what
 * a listener names is there), independent of the wire format it came in. An xDS update makes a new
 * {@link dev.heddle.dataplane.config.ProxyConfiguration}; requests in flight finish on the one they
 * began with.
 */
@NullMarked
package dev.heddle.dataplane.config;

import org.jspecify.annotations.NullMarked;
