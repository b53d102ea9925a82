/**
 * What the proxy does when it runs short of something that all callers share: it refuses work with
 * an answer that says so, and goes on.
 */
@NullMarked
package dev.heddle.dataplane.overload;

import org.jspecify.annotations.NullMarked;
