/**
 * The same bootstrap, the same requests, the same answers: a stock Envoy and Heddle's proxy side by
 * side. Each folder of {@code src/test/resources/twin} is a case: {@code in-bootstrap.yaml}, which
 * both take, and {@code requests.yaml}, see {@link dev.heddle.dataplane.twin.TwinCase}.
 */
@NullMarked
package dev.heddle.dataplane.twin;

import org.jspecify.annotations.NullMarked;
