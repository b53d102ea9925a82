package dev.heddle.dataplane.tls;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/**
 * A handshake between a client and a server in memory, both verified as connections are.
 *
 * @param clientShowedCertificate whether the client's last flight was long enough for a
 *     certificate: in TLS 1.3 only a handshake that resumes a session goes without, or one that
 *     failed
 * @param clientRefusal why the client does not trust the server; null if it does
 * @param serverRefusal why the server does not trust the client; null if it does
 */
record TlsHandshake(
    boolean clientShowedCertificate,
    @Nullable Throwable clientRefusal,
    @Nullable Throwable serverRefusal) {

  /** Less than any certificate, more than the Finished message (RFC 8446, 4.4.4) in its record. */
  private static final int SHORTEST_CERTIFICATE = 300;

  boolean resumed() {
    return !clientShowedCertificate;
  }

  boolean trusted() {
    return clientRefusal == null && serverRefusal == null;
  }

  static TlsHandshake between(TlsConnection client, TlsConnection server) {
    EmbeddedChannel clientEnd = new EmbeddedChannel(client.handler(), new Silent());
    EmbeddedChannel serverEnd = new EmbeddedChannel(server.handler(), new Silent());
    try {
      move(clientEnd, serverEnd);
      int lastFlight = exchange(clientEnd, serverEnd);
      Throwable clientRefusal = refusal(client);
      Throwable serverRefusal = refusal(server);
      if (serverRefusal == null) {
        // BoringSSL sends its tickets along with the first answer.
        serverEnd.writeOutbound(Unpooled.copiedBuffer("answer", US_ASCII));
        exchange(clientEnd, serverEnd);
      }
      return new TlsHandshake(lastFlight > SHORTEST_CERTIFICATE, clientRefusal, serverRefusal);
    } finally {
      clientEnd.finishAndReleaseAll();
      serverEnd.finishAndReleaseAll();
    }
  }

  private static @Nullable Throwable refusal(TlsConnection connection) {
    if (!connection.handler().handshakeFuture().isSuccess()) {
      Throwable cause = connection.handler().handshakeFuture().cause();
      return cause == null ? new IllegalStateException("the handshake did not end") : cause;
    }
    try {
      connection.verifyPeer();
      return null;
    } catch (SSLHandshakeException e) {
      return e;
    }
  }

  /** Until both are silent; returns the bytes of the client. */
  private static int exchange(EmbeddedChannel clientEnd, EmbeddedChannel serverEnd) {
    int sum = 0;
    int answered;
    int moved;
    do {
      moved = move(serverEnd, clientEnd);
      answered = move(clientEnd, serverEnd);
      sum += answered;
    } while (moved + answered > 0);
    return sum;
  }

  private static int move(EmbeddedChannel from, EmbeddedChannel to) {
    int bytes = 0;
    for (ByteBuf sent = from.readOutbound(); sent != null; sent = from.readOutbound()) {
      bytes += sent.readableBytes();
      if (to.isOpen()) {
        to.writeInbound(sent);
      } else {
        sent.release();
      }
    }
    return bytes;
  }

  /** The handshake's future tells what went wrong. */
  private static final class Silent extends ChannelInboundHandlerAdapter {
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close();
    }
  }
}
