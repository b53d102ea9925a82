/**
 * HTTP/2 connections, downstream and upstream.
 *
 * <p>They sit directly on Netty's {@code Http2ConnectionHandler}: framing, HPACK, flow control and
 * the stream states are Netty's, and a stream is one small object of ours kept in the stream's
 * property. {@code Http2MultiplexHandler} would give every stream a channel with a pipeline, an
 * unsafe and several tasks, which a proxy pays for twice per request in memory and time and does
 * not need: both ends of an exchange are on one event loop already.
 */
@NullMarked
package dev.heddle.dataplane.http.http2;

import org.jspecify.annotations.NullMarked;
