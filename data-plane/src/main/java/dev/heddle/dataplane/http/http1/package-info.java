/**
 * HTTP/1 connections, downstream and upstream, on Netty's codecs with stricter rules around them.
 */
@NullMarked
package dev.heddle.dataplane.http.http1;

import org.jspecify.annotations.NullMarked;
