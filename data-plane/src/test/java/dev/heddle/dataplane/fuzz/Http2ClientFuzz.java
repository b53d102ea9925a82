package dev.heddle.dataplane.fuzz;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.fuzz.StrictHttp1.Message;
import dev.heddle.dataplane.http.harness.EmbeddedConnection;
import dev.heddle.dataplane.http.harness.EmbeddedProxy;
import dev.heddle.dataplane.http.harness.ProxyHarness;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * The input is the frames that a client of HTTP/2 sends, see {@link Http2Input}. They are forwarded
 * as HTTP/1, where whatever is ambiguous would show.
 */
final class Http2ClientFuzz {

  private Http2ClientFuzz() {}

  static void check(byte[] input) {
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    stream.writeBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(US_ASCII));
    Http2Input.frame(stream, 4, 0, 0, new byte[0]);
    stream.writeBytes(Http2Input.frames(input));
    byte[] bytes = stream.toByteArray();
    Outcome whole = proxied(bytes, Pieces::whole);
    Outcome pieces = proxied(bytes, Pieces::small);
    // A stream that turns out to be malformed late may have been forwarded by then, or not; and
    // frames behind its end break the stream or the connection, by whether it was answered by then.
    if (whole.wellFormed()
        && pieces.wellFormed()
        && !whole.forwarded().equals(pieces.forwarded())) {
      throw new AssertionError("forwarded in one piece and in many:\n" + whole + "\n" + pieces);
    }
  }

  private record Outcome(List<Message> forwarded, boolean wellFormed) {}

  private static Outcome proxied(byte[] input, BiConsumer<byte[], EmbeddedConnection> arrival) {
    ForwardedRequests server = new ForwardedRequests();
    try (EmbeddedProxy proxy =
        new EmbeddedProxy(
            ProxyHarness.settings()
                .retries(0)
                .policy(ForwardedRequests.POLICY)
                .protocol(Cluster.UpstreamProtocol.HTTP1),
            HttpProtocol.HTTP2,
            server)) {
      arrival.accept(input, proxy.client());
      proxy.settle();
      boolean wellFormed =
          proxy.client().alive()
              && proxy.reports().stream().allMatch(report -> report.status() != 0);
      proxy.client().disappear();
      proxy.settle();
      server.judgeRest(proxy);
      return new Outcome(server.complete(), wellFormed);
    }
  }
}
