package dev.heddle.dataplane.http.exchange;

import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.config.ProxyConfiguration;
import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.http.message.RequestHead;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Sends copies of requests, whose answers nobody waits for. */
@FunctionalInterface
public interface RequestMirror {

  /**
   * Who gets a copy.
   *
   * @param head with headers of its own
   */
  record Target(Cluster cluster, RequestHead head) {}

  /**
   * Where the original stands.
   *
   * @param timeoutNanos of its route; 0 for none, which copies do not get
   */
  record Origin(
      ProxyConfiguration configuration,
      HttpProtocol protocol,
      InetSocketAddress destination,
      boolean inbound,
      long timeoutNanos) {}

  /**
   * Sends one, or counts why it cannot.
   *
   * @param body of which references are taken
   */
  void send(Target target, List<ByteBuf> body, @Nullable HttpHeaders trailers, Origin origin);
}
