/**
 * What single pieces of the request path cost, by JMH: {@code make bench-micro}. Compiled with the
 * tests so that they keep up with the code; never run by them.
 */
@NullMarked
package dev.heddle.dataplane.microbenchmark;

import org.jspecify.annotations.NullMarked;
