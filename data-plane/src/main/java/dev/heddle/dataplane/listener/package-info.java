/**
 * Accepting connections and finding who serves them: the listener of the original destination, the
 * protocol, the filter chain.
 */
@NullMarked
package dev.heddle.dataplane.listener;

import org.jspecify.annotations.NullMarked;
