package dev.heddle.dataplane.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.http.harness.EmbeddedConnection;
import dev.heddle.dataplane.http.harness.EmbeddedProxy;
import dev.heddle.dataplane.http.harness.ProxyHarness;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * The input is the frames that a server of HTTP/2 sends when it gets its first request, which is on
 * stream 3; see {@link Http2Input}. The client speaks HTTP/1 and gets strict answers or cut ones.
 */
final class Http2ServerFuzz {

  private Http2ServerFuzz() {}

  static void check(byte[] input) {
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    Http2Input.frame(stream, 4, 0, 0, new byte[0]);
    stream.writeBytes(Http2Input.frames(input));
    byte[] bytes = stream.toByteArray();
    for (String method : List.of("GET", "HEAD")) {
      proxied(method, bytes, Pieces::whole);
      proxied(method, bytes, Pieces::small);
    }
  }

  private static void proxied(
      String method, byte[] words, BiConsumer<byte[], EmbeddedConnection> arrival) {
    List<EmbeddedConnection> spokenTo = new ArrayList<>();
    EmbeddedProxy.Server server =
        (index, connection) -> {
          if (spokenTo.isEmpty()) {
            spokenTo.add(connection);
            arrival.accept(words, connection);
          }
        };
    try (EmbeddedProxy proxy =
        new EmbeddedProxy(
            ProxyHarness.settings().retries(0).protocol(Cluster.UpstreamProtocol.HTTP2),
            HttpProtocol.HTTP1,
            server)) {
      List<String> asked = new ArrayList<>();
      for (int i = 0; i < 2 && proxy.client().alive(); i++) {
        asked.add(method);
        proxy.client().send((method + " / HTTP/1.1\r\nHost: a\r\n\r\n").getBytes(ISO_8859_1));
        proxy.settle();
        StrictHttp1.responses(proxy.client().received(), asked, !proxy.client().alive());
      }
    }
  }
}
