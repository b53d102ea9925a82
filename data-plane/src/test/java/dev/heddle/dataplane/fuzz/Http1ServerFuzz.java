package dev.heddle.dataplane.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.fuzz.StrictHttp1.Message;
import dev.heddle.dataplane.http.harness.EmbeddedConnection;
import dev.heddle.dataplane.http.harness.EmbeddedProxy;
import dev.heddle.dataplane.http.harness.ProxyHarness;
import java.util.List;

/**
 * The input is all that a server of HTTP/1 says when it gets its first request. The client gets a
 * strict answer or a cut one, and its next request is never answered by what was left over.
 */
final class Http1ServerFuzz {
  private static final String HONEST = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhonest";

  private enum Scenario {
    GET("GET /first HTTP/1.1\r\nHost: a\r\n\r\n"),
    HEAD("HEAD /first HTTP/1.1\r\nHost: a\r\n\r\n"),
    EXPECT(
        "POST /first HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi"),
    WEB_SOCKET(
        String.join(
            "\r\n",
            "GET /first HTTP/1.1",
            "Host: a",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "",
            ""));

    private final String request;

    Scenario(String request) {
      this.request = request;
    }

    String method() {
      return request.substring(0, request.indexOf(' '));
    }
  }

  private enum Arrival {
    WHOLE,
    PIECES,
    PIECES_AND_END
  }

  private Http1ServerFuzz() {}

  static void check(byte[] input) {
    for (Scenario scenario : Scenario.values()) {
      for (Arrival arrival : Arrival.values()) {
        proxied(scenario, arrival, input);
      }
    }
  }

  private static void proxied(Scenario scenario, Arrival arrival, byte[] input) {
    Hostile server = new Hostile(input, arrival);
    try (EmbeddedProxy proxy =
        new EmbeddedProxy(ProxyHarness.settings().retries(0), HttpProtocol.HTTP1, server)) {
      proxy.client().send(scenario.request.getBytes(ISO_8859_1));
      proxy.settle();
      List<Message> first =
          StrictHttp1.responses(
              proxy.client().received(), List.of(scenario.method()), !proxy.client().alive());
      if (first.isEmpty()
          || !first.getLast().complete()
          || first.getLast().startLine().startsWith("HTTP/1.1 1")
          || !proxy.client().alive()) {
        return;
      }
      int before = proxy.client().received().length;
      server.honest = true;
      proxy.client().send("GET /second HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(ISO_8859_1));
      proxy.settle();
      byte[] all = proxy.client().received();
      String second = new String(all, before, all.length - before, ISO_8859_1);
      if (!second.endsWith("\r\n\r\nhonest")) {
        throw new AssertionError("answer to the second request: " + second);
      }
    }
  }

  /** Says what it was given to the first request, and afterwards the truth. */
  private static final class Hostile implements EmbeddedProxy.Server {
    private final byte[] words;
    private final Arrival arrival;
    private boolean spoken;
    private boolean honest;

    private Hostile(byte[] words, Arrival arrival) {
      this.words = words;
      this.arrival = arrival;
    }

    @Override
    public void written(int index, EmbeddedConnection connection) {
      if (!spoken) {
        spoken = true;
        switch (arrival) {
          case WHOLE -> Pieces.whole(words, connection);
          case PIECES -> Pieces.small(words, connection);
          case PIECES_AND_END -> {
            Pieces.small(words, connection);
            connection.end();
          }
        }
      } else if (honest) {
        connection.send(HONEST.getBytes(ISO_8859_1));
      }
    }
  }
}
