package dev.heddle.dataplane.http;

import static dev.heddle.dataplane.http.harness.RawClient.lines;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.heddle.dataplane.config.AccessPolicy;
import dev.heddle.dataplane.config.RouteConfiguration;
import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.http.harness.ProxyHarness;
import dev.heddle.dataplane.http.harness.RawClient;
import dev.heddle.dataplane.http.harness.RawServer;
import dev.heddle.dataplane.telemetry.RequestReport;
import dev.heddle.dataplane.telemetry.ResponseFlag;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class Http1ProxyTest {
  private static final String GET = "GET / HTTP/1.1\r\nHost: shop\r\n\r\n";

  @Test
  void keepsBothConnectionsAlive() throws Exception {
    try (RawServer server = RawServer.answering("hello");
        ProxyHarness proxy = ProxyHarness.settings().cluster("a", 1, server.address()).start();
        RawClient client = new RawClient(proxy.listen(HttpProtocol.HTTP1))) {
      for (int i = 0; i < 20; i++) {
        assertThat(client.send(GET).response()).startsWith("HTTP/1.1 200 OK").endsWith("hello");
      }
      assertThat(server.connections()).isEqualTo(1);
      assertThat(proxy.reports()).hasSize(20);
      RequestReport report = proxy.reports().getFirst();
      assertThat(report.status()).isEqualTo(200);
      assertThat(report.responseBytes()).isEqualTo(5);
      assertThat(report.attempts()).isEqualTo(1);
      assertThat(report.flags()).isNull();
      assertThat(report.peer().name()).isEqualTo("a");
      assertThat(proxy.load()).isZero();
    }
  }

  @Test
  void answersPipelinedRequestsInOrder() throws Exception {
    try (RawServer server =
            new RawServer(connection -> {
              for (String head = connection.readHead();
                  !head.isEmpty();
                  head = connection.readHead()) {
                String path = head.substring(4, 6);
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" + path);
              }
            });
        ProxyHarness proxy = ProxyHarness.settings().cluster("a", 1, server.address()).start();
        RawClient client = new RawClient(proxy.listen(HttpProtocol.HTTP1))) {
      StringBuilder requests = new StringBuilder();
      for (int i = 0; i < 9; i++) {
        requests.append("GET /").append(i).append(" HTTP/1.1\r\nHost: shop\r\n\r\n");
      }
      client.send(requests.toString());
      for (int i = 0; i < 9; i++) {
        assertThat(client.response()).endsWith("/" + i);
      }
    }
  }

  @Test
  void splitsByWeight() throws Exception {
    try (RawServer a = RawServer.answering("a");
        RawServer b = RawServer.answering("b");
        RawServer none = RawServer.answering("c");
        ProxyHarness proxy =
            ProxyHarness.settings()
                .cluster("a", 90, a.address())
                .cluster("b", 10, b.address())
                .cluster("c", 0, none.address())
                .start();
        RawClient client = new RawClient(proxy.listen(HttpProtocol.HTTP1))) {
      int first = 0;
      for (int i = 0; i < 2000; i++) {
        if (client.send(GET).response().endsWith("a")) {
          first++;
        }
      }
      assertThat(first).isBetween(1740, 1860);
      assertThat(none.connections()).isZero();
    }
  }

  @Test
  void saysThatAllWeightsAreZero() throws Exception {
    try (RawServer a = RawServer.answering("a");
        ProxyHarness proxy = ProxyHarness.settings().cluster("a", 0, a.address()).start();
        RawClient client = new RawClient(proxy.listen(HttpProtocol.HTTP1))) {
      assertThat(client.send(GET).response())
          .startsWith("HTTP/1.1 503 ")
          .contains("heddle-error: UH ")
          .contains("weight 0");
    }
  }

  @Test
  void passesChunksAndTrailersBothWays() throws Exception {
    try (RawServer server =
            new RawServer(connection -> {
              connection.readHead();
              byte[] body = connection.in().readNBytes(25);
              connection.send(
                  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                      + "2\r\nok\r\n0\r\nX-Sum: "
                      + (new String(body, StandardCharsets.ISO_8859_1).contains("X-Check: 7")
                          ? "yes"
                          : "no")
                      + "\r\n\r\n");
            });
        ProxyHarness proxy = ProxyHarness.settings().cluster("a", 1, server.address()).start();
        RawClient client = new RawClient(proxy.listen(HttpProtocol.HTTP1))) {
      client.send(
          lines("POST / HTTP/1.1", "Host: shop", "Transfer-Encoding: chunked")
              + lines("3", "abc", "0", "X-Check: 7"));
      assertThat(client.response()).contains("ok").endsWith("X-Sum: yes");
      assertThat(server.heads().getFirst()).containsIgnoringCase("transfer-encoding: chunked");
    }
  }

  @Test
  void passesExpectContinueThrough() throws Exception {
    try (RawServer server =
            new RawServer(connection -> {
              connection.readHead();
              connection.send("HTTP/1.1 100 Continue\r\n\r\n");
              connection.in().readNBytes(3);
              connection.send("HTTP/1.1 204 No Content\r\n\r\n");
            });
        ProxyHarness proxy = ProxyHarness.settings().cluster("a", 1, server.address()).start();
        RawClient client = new RawClient(proxy.listen(HttpProtocol.HTTP1))) {
      client.send(
          "PUT / HTTP/1.1\r\nHost: shop\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
      assertThat(client.head()).startsWith("HTTP/1.1 100 ");
      client.send("abc");
      assertThat(client.head()).startsWith("HTTP/1.1 204 ").doesNotContain("content-length");
    }
  }

  @Test
  void answersHeadWithoutBodyAndKeepsTheConnection() throws Exception {
    try (RawServer server =
            new RawServer(connection -> {
              while (connection.readRequest()) {
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
              }
            });
        ProxyHarness proxy = ProxyHarness.settings().cluster("a", 1, server.address()).start();
        RawClient client = new RawClient(proxy.listen(HttpProtocol.HTTP1))) {
      for (int i = 0; i < 2; i++) {
        client.send("HEAD / HTTP/1.1\r\nHost: shop\r\n\r\n");
        assertThat(client.head()).containsIgnoringCase("content-length: 1000");
      }
      assertThat(server.connections()).isEqualTo(1);
    }
  }

  @Test
  void servesHttp10() throws Exception {
    try (RawServer server =
            new RawServer(connection -> {
              connection.readHead();
              connection.send(
                  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n");
            });
        ProxyHarness proxy = ProxyHarness.settings().cluster("a", 1, server.address()).start();
        RawClient client = new RawClient(proxy.listen(HttpProtocol.HTTP1))) {
      assertThat(client.send("GET / HTTP/1.0\r\n\r\n").rest())
          .doesNotContainIgnoringCase("transfer-encoding")
          .containsIgnoringCase("connection: close")
          .endsWith("\r\n\r\nok");
    }
  }

  @Test
  void passesABodyThatTheServersCloseEnds() throws Exception {
    try (RawServer server =
            new RawServer(connection -> {
              connection.readHead();
              connection.send("HTTP/1.1 200 OK\r\n\r\nuntil the end");
            });
        ProxyHarness proxy = ProxyHarness.settings().cluster("a", 1, server.address()).start();
        RawClient client = new RawClient(proxy.listen(HttpProtocol.HTTP1))) {
      assertThat(client.send(GET).response()).endsWith("until the end");
      assertThat(client.send(GET).response()).endsWith("until the end");
      assertThat(server.connections()).isEqualTo(2);
    }
  }

  @Test
  void cutsTheConnectionWhenTheAnswerIsCutShort() throws Exception {
    try (RawServer server =
            new RawServer(connection -> {
              connection.readHead();
              connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort");
            });
        ProxyHarness proxy = ProxyHarness.settings().cluster("a", 1, server.address()).start();
        RawClient client = new RawClient(proxy.listen(HttpProtocol.HTTP1))) {
      assertThat(client.send(GET).rest()).endsWith("short");
      await().until(() -> proxy.reports().size() == 1);
      assertThat(proxy.reports().getFirst().flags())
          .isEqualTo(ResponseFlag.UPSTREAM_CONNECTION_TERMINATION);
    }
  }

  @Test
  void neverReusesAServerConnectionWithBytesLeftOver() throws Exception {
    try (RawServer server =
            new RawServer(connection -> {
              while (connection.readRequest()) {
                connection.send(
                    "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngoodHTTP/1.1 200 OK\r\nX: poi");
              }
            });
        ProxyHarness proxy = ProxyHarness.settings().cluster("a", 1, server.address()).start();
        RawClient client = new RawClient(proxy.listen(HttpProtocol.HTTP1))) {
      for (int i = 1; i <= 3; i++) {
        assertThat(client.send(GET).response()).endsWith("good");
      }
      assertThat(server.connections()).isEqualTo(3);
    }
  }

  @Test
  void closesAfterAnAnswerToAnUnfinishedRequest() throws Exception {
    try (RawServer server =
            new RawServer(connection -> {
              connection.readHead();
              connection.send("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno");
              connection.in().transferTo(java.io.OutputStream.nullOutputStream());
            });
        ProxyHarness proxy = ProxyHarness.settings().cluster("a", 1, server.address()).start();
        RawClient client = new RawClient(proxy.listen(HttpProtocol.HTTP1))) {
      client.send("POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 1000\r\n\r\nabc");
      assertThat(client.rest()).startsWith("HTTP/1.1 413 ").endsWith("no");
    }
  }

  @Test
  void stripsHopByHopAndIdentityHeaders() throws Exception {
    try (RawServer server = RawServer.answering("x");
        ProxyHarness proxy = ProxyHarness.settings().cluster("a", 1, server.address()).start();
        RawClient client = new RawClient(proxy.listen(HttpProtocol.HTTP1))) {
      client.send(
          lines(
              "GET /p?q=1 HTTP/1.1",
              "Host: shop",
              "Connection: keep-alive, X-Hop, TE",
              "X-Hop: 1",
              "Keep-Alive: 5",
              "TE: trailers, gzip",
              "Upgrade: h2c",
              "HTTP2-Settings: AAMAAABk",
              "Heddle-Source: admin.kube-system",
              "X-Forwarded-Client-Cert: By=me",
              "X-Keep: 2"));
      client.response();
      assertThat(server.heads().getFirst())
          .startsWith("GET /p?q=1 HTTP/1.1\n")
          .contains("X-Keep: 2\n")
          .containsIgnoringCase("te: trailers\n")
          .doesNotContainIgnoringCase("x-hop")
          .doesNotContainIgnoringCase("keep-alive")
          .doesNotContainIgnoringCase("upgrade")
          .doesNotContainIgnoringCase("http2-settings")
          .doesNotContainIgnoringCase("heddle")
          .doesNotContainIgnoringCase("client-cert");
    }
  }

  @Test
  void tellsTheServersProxyWhoCalls() throws Exception {
    try (RawServer server = RawServer.answering("x");
        ProxyHarness proxy =
            ProxyHarness.settings().meshUpstream().cluster("a", 1, server.address()).start();
        RawClient client = new RawClient(proxy.listen(HttpProtocol.HTTP1))) {
      client.send(GET).response();
      assertThat(server.heads().getFirst()).contains("heddle-source: web.shop\n");
    }
  }

  @Test
  void believesTheCallersNameOverMutualTlsOnly() throws Exception {
    String request = "GET / HTTP/1.1\r\nHost: shop\r\nheddle-source: checkout.elsewhere\r\n\r\n";
    try (RawServer server = RawServer.answering("x");
        ProxyHarness proxy =
            ProxyHarness.settings().inboundMesh().cluster("a", 1, server.address()).start();
        RawClient client = new RawClient(proxy.listen(HttpProtocol.HTTP1))) {
      client.send(request).response();
      assertThat(proxy.reports().getFirst().peer().name()).isEqualTo("checkout");
      assertThat(proxy.reports().getFirst().peer().namespace()).isEqualTo("shop");
      assertThat(server.heads().getFirst()).doesNotContain("heddle");
    }
  }

  @Test
  void deniesWithAReason() throws Exception {
    AccessPolicy policy =
        new AccessPolicy(
            List.of(
                new AccessPolicy.Rule(
                    "public",
                    List.of(),
                    List.of(),
                    new RouteConfiguration.RouteMatch(
                        new RouteConfiguration.PathMatch.Prefix("/public/"), List.of()))));
    try (RawServer server = RawServer.answering("x");
        ProxyHarness proxy =
            ProxyHarness.settings().policy(policy).cluster("a", 1, server.address()).start();
        RawClient client = new RawClient(proxy.listen(HttpProtocol.HTTP1))) {
      assertThat(client.send("GET /public/x HTTP/1.1\r\nHost: shop\r\n\r\n").response())
          .startsWith("HTTP/1.1 200 ");
      for (String path : List.of("/private", "/public/../private", "/public/%2e%2E/private")) {
        assertThat(client.send("GET " + path + " HTTP/1.1\r\nHost: shop\r\n\r\n").response())
            .startsWith("HTTP/1.1 403 ")
            .contains("heddle-error: RBAC ")
            .contains("access denied");
      }
      assertThat(server.heads()).hasSize(1);
    }
  }

  @Test
  void tunnelsWebSocket() throws Exception {
    try (RawServer server =
            new RawServer(connection -> {
              connection.readHead();
              connection.send(
                  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                      + "Connection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\nfirst");
              connection.in().transferTo(connection.out());
            });
        ProxyHarness proxy = ProxyHarness.settings().cluster("a", 1, server.address()).start()) {
      try (RawClient client = new RawClient(proxy.listen(HttpProtocol.HTTP1))) {
        client.send(
            lines(
                "GET /chat HTTP/1.1",
                "Host: shop",
                "Connection: Upgrade",
                "Upgrade: websocket",
                "Sec-WebSocket-Key: k",
                "Sec-WebSocket-Version: 13"));
        assertThat(client.head())
            .startsWith("HTTP/1.1 101 ")
            .containsIgnoringCase("upgrade: websocket");
        assertThat(new String(client.in().readNBytes(5), StandardCharsets.ISO_8859_1))
            .isEqualTo("first");
        byte[] block = new byte[100_000];
        block[99_999] = 7;
        for (int i = 0; i < 20; i++) {
          client.send(block);
          assertThat(client.in().readNBytes(block.length)).isEqualTo(block);
        }
      }
      await().until(() -> proxy.reports().size() == 1);
      assertThat(proxy.reports().getFirst().status()).isEqualTo(101);
      assertThat(proxy.reports().getFirst().requestBytes()).isEqualTo(2_000_000);
      assertThat(proxy.reports().getFirst().responseBytes()).isEqualTo(2_000_005);
      await().until(() -> proxy.load() == 0);
    }
  }

  @Test
  void holdsTheServerBackWhenTheClientDoesNotRead() throws Exception {
    AtomicLong sent = new AtomicLong();
    int size = 64 << 20;
    try (RawServer server = RawServer.sending(size, sent);
        ProxyHarness proxy = ProxyHarness.settings().cluster("a", 1, server.address()).start();
        RawClient client = new RawClient(proxy.listen(HttpProtocol.HTTP1), 64 << 10)) {
      client.send(GET);
      assertThat(client.head()).startsWith("HTTP/1.1 200 ");
      AtomicLong before = new AtomicLong(-1);
      await()
          .pollInterval(Duration.ofMillis(300))
          .until(() -> sent.get() > 0 && before.getAndSet(sent.get()) == sent.get());
      assertThat(sent.get()).isLessThan(20 << 20);
      InputStream in = client.in();
      in.skipNBytes(size);
      await().until(() -> proxy.reports().size() == 1);
      assertThat(proxy.reports().getFirst().responseBytes()).isEqualTo(size);
    }
  }

  @Test
  void carriesLargeRequestBodies() throws Exception {
    int size = 8 << 20;
    try (RawServer server =
            new RawServer(connection -> {
              while (connection.readRequest()) {
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
              }
            });
        ProxyHarness proxy = ProxyHarness.settings().cluster("a", 1, server.address()).start();
        RawClient client = new RawClient(proxy.listen(HttpProtocol.HTTP1))) {
      for (int i = 0; i < 2; i++) {
        client.send("PUT / HTTP/1.1\r\nHost: shop\r\nContent-Length: " + size + "\r\n\r\n");
        client.send(new byte[size]);
        assertThat(client.response()).endsWith("ok");
      }
      assertThat(proxy.reports().getFirst().requestBytes()).isEqualTo(size);
    }
  }

  @Test
  void closesIdleConnectionsToEndpointsThatVanish() throws Exception {
    try (RawServer server =
            new RawServer(connection -> {
              while (connection.readRequest()) {
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
              }
              connection.readHead();
            });
        RawServer other = RawServer.answering("other");
        ProxyHarness proxy = ProxyHarness.settings().cluster("a", 1, server.address()).start();
        RawClient client = new RawClient(proxy.listen(HttpProtocol.HTTP1))) {
      assertThat(client.send(GET).response()).endsWith("ok");
      Map<String, List<InetSocketAddress>> endpoints = Map.of("a", List.of(other.address()));
      proxy.reconfigure(endpoints);
      assertThat(client.send(GET).response()).endsWith("other");
    }
  }
}
