/** The edge to the Kubernetes API: Secrets, the Lease, token reviews, Events. */
@NullMarked
package dev.heddle.ca.kubernetes;

import org.jspecify.annotations.NullMarked;
