/** The gRPC service that signs workload certificates. */
@NullMarked
package dev.heddle.ca.signing;

import org.jspecify.annotations.NullMarked;
