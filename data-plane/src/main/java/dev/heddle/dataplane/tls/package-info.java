/** TLS contexts over a certificate that is rotated while it serves, and who the peer is. */
@NullMarked
package dev.heddle.dataplane.tls;

import org.jspecify.annotations.NullMarked;
