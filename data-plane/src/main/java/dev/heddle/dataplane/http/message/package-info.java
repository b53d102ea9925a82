/**
 * HTTP messages as the proxy sees them, whatever protocol they came in, and the rules that decide
 * whether a message is unambiguous. What passes these rules is what policy decides on and what is
 * forwarded.
 */
@NullMarked
package dev.heddle.dataplane.http.message;

import org.jspecify.annotations.NullMarked;
