/**
 * The Kubernetes that the tests run on, whichever it is, and what is kept of it when a test fails.
 */
@NullMarked
package dev.heddle.e2e.cluster;

import org.jspecify.annotations.NullMarked;
