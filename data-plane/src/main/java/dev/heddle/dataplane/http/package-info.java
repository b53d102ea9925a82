/**
 * The HTTP data path: HTTP/1.1, HTTP/2, gRPC and WebSocket, each request proxied on one event loop
 * from its first to its last byte.
 */
@NullMarked
package dev.heddle.dataplane.http;

import org.jspecify.annotations.NullMarked;
