package dev.heddle.dataplane.http.exchange;

import dev.heddle.dataplane.http.message.ResponseHead;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.handler.codec.http.HttpHeaders;

/**
 * Where an exchange writes its answer: an HTTP/2 stream, or an HTTP/1 connection for the time of
 * one request. Used on its event loop only. Writes are flushed at the end of the loop's turn.
 */
public interface DownstreamStream {

  void writeInformational(ResponseHead head);

  /**
   * Begins the answer.
   *
   * @param end whether nothing follows
   */
  void writeHead(ResponseHead head, boolean end);

  /** Takes over the buffer. */
  void writeData(ByteBuf data, boolean end);

  /** Ends the answer. */
  void writeTrailers(HttpHeaders trailers);

  /**
   * Whether more can be written without being queued; when it turns true again the exchange is
   * told.
   */
  boolean writable();

  /** Lets the client send that many bytes of body more. */
  void consumed(int bytes);

  /**
   * The answer cannot be completed: the client must notice. Called instead of the writes that are
   * missing.
   */
  void abort();

  /** The exchange is over: the answer is complete or aborted, no call follows. */
  void finished();

  /**
   * After a 101 was written: gives the bare channel away to the handler, with the bytes not read
   * yet.
   *
   * @throws UnsupportedOperationException where the protocol has no upgrade
   */
  Channel detach(ChannelHandler tunnelEnd);
}
