package dev.heddle.dataplane.http.exchange;

import dev.heddle.dataplane.config.UpstreamTls;
import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.http.message.ResponseHead;
import dev.heddle.dataplane.upstream.PickedEndpoint;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/**
 * Who wants a stream to an endpoint, and then is told what comes back on it. Called on its event
 * loop.
 */
public interface UpstreamConsumer {

  PickedEndpoint picked();

  HttpProtocol protocol();

  /** Whether only a connection will do that never carried a request. */
  boolean freshConnection();

  /** Whether the stream is not wanted any more. */
  boolean abandoned();

  /** Whether the endpoint proves a mesh identity: only then is what its proxy says believed. */
  default boolean meshEndpoint() {
    UpstreamTls tls = picked().tls();
    return tls != null && !tls.subjectAlternativeNames().isEmpty();
  }

  void onStream(UpstreamStream stream);

  void onInformational(ResponseHead head);

  void onHead(ResponseHead head, boolean end);

  /** Owns the buffer; every byte is given back by {@link UpstreamStream#consumed}. */
  void onData(ByteBuf data);

  /** The answer is complete. */
  void onEnd(@Nullable HttpHeaders trailers);

  void onWritable();

  /** The last event of the attempt. */
  void onFailure(UpstreamFailure failure);
}
