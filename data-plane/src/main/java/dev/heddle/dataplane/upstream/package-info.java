/**
 * Clusters at run time: picking an endpoint and connecting to it. State is kept per event loop, so
 * that nothing here locks.
 */
@NullMarked
package dev.heddle.dataplane.upstream;

import org.jspecify.annotations.NullMarked;
