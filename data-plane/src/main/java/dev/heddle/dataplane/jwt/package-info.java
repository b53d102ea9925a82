/**
 * JSON Web Tokens (RFC 7519) signed with public keys (RFC 7515, 7517, 7518): reading and verifying,
 * without I/O. Nothing here is loaded by a proxy that is not told to validate tokens.
 */
@NullMarked
package dev.heddle.dataplane.jwt;

import org.jspecify.annotations.NullMarked;
