package dev.heddle.dataplane.http.exchange;

import dev.heddle.dataplane.http.message.RequestHead;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.handler.codec.http.HttpHeaders;

/**
 * Where an attempt writes its request. Used on its event loop only; flushed at the end of the
 * loop's turn.
 */
public interface UpstreamStream {

  void writeHead(RequestHead head, boolean end);

  /** Takes over the buffer. */
  void writeData(ByteBuf data, boolean end);

  /** Ends the request. */
  void writeTrailers(HttpHeaders trailers);

  boolean writable();

  /** Lets the server send that many bytes of body more. */
  void consumed(int bytes);

  /**
   * The attempt is given up: no event follows, and a connection that is in between messages is not
   * used again.
   */
  void cancel();

  /** See {@link DownstreamStream#detach}. */
  Channel detach(ChannelHandler tunnelEnd);
}
