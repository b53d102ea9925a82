package dev.heddle.dataplane.hostile;

import static dev.heddle.dataplane.http.harness.RawClient.lines;
import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.dataplane.http.harness.RawClient;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Upgrades as a way around the proxy: h2c (BishopFox h2csmuggler), a WebSocket that the application
 * refuses, hop-by-hop headers that remove what they should not (RFC 9110, 7.6.1).
 */
final class UpgradeAbuseTest extends AttacksOnOneMesh {
  @ParameterizedTest
  @EnumSource
  void doesNotPassOnAnUpgradeToHttp2(Side side) throws Exception {
    int before = mesh.received().size();
    try (RawClient client = mesh.http1(side)) {
      client.send(
          lines(
              "GET /h2c HTTP/1.1",
              "Host: shop",
              "Connection: Upgrade, HTTP2-Settings",
              "Upgrade: h2c",
              "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA"));
      assertThat(client.response()).startsWith("HTTP/1.1 200 ");
      client.send(Http2Wire.PREFACE);
      assertThat(client.rest()).matches("(?s)HTTP/1\\.1 (4|5)\\d\\d .*");
    }
    assertThat(mesh.receivedSince(before))
        .singleElement()
        .satisfies(request -> {
          assertThat(request.has("upgrade")).isFalse();
          assertThat(request.has("http2-settings")).isFalse();
          assertThat(request.header("connection")).isEmpty();
        });
  }

  /** The victim refuses, so what follows is HTTP still: no tunnel to send requests through. */
  @ParameterizedTest
  @EnumSource
  void opensNoTunnelBeforeTheApplicationAgrees(Side side) throws Exception {
    int before = mesh.received().size();
    try (RawClient client = mesh.http1(side)) {
      client.send(
          lines(
              "GET /chat HTTP/1.1",
              "Host: shop",
              "Connection: Upgrade",
              "Upgrade: websocket",
              "Sec-WebSocket-Version: 1337",
              "Sec-WebSocket-Key: bm90IGEga2V5IGF0IGFsbA=="));
      assertThat(client.response()).startsWith("HTTP/1.1 200 ");
      client.send(
          "GET /a HTTP/1.1\r\nHost: shop\r\nContent-Length: 5\r\nContent-Length: 0\r\n\r\n");
      assertThat(client.rest()).startsWith("HTTP/1.1 400 ");
    }
    assertThat(mesh.receivedSince(before)).hasSize(1);
    mesh.assertUnharmed();
  }

  /** What came behind the refused upgrade was kept until then, in order. */
  @ParameterizedTest
  @EnumSource
  void answersWhatIsPipelinedBehindARefusedUpgrade(Side side) throws Exception {
    int before = mesh.received().size();
    String upgrade =
        lines(
            "GET /chat HTTP/1.1",
            "Host: shop",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Key: bm90IGEga2V5IGF0IGFsbA==");
    try (RawClient client = mesh.http1(side)) {
      client.send(upgrade + upgrade + lines("GET /last HTTP/1.1", "Host: shop") + "GET /half");
      for (int i = 0; i < 3; i++) {
        assertThat(client.response()).startsWith("HTTP/1.1 200 ");
      }
      client.send(" HTTP/1.1\r\nHost: shop\r\n\r\n");
      assertThat(client.response()).startsWith("HTTP/1.1 200 ");
    }
    assertThat(mesh.receivedSince(before)).hasSize(4);
    mesh.assertUnharmed();
  }

  @ParameterizedTest
  @EnumSource
  void refusesTheDraftThatSendsUnannouncedBytes(Side side) throws Exception {
    try (RawClient client = mesh.http1(side)) {
      client.send(
          lines(
                  "GET /chat HTTP/1.1",
                  "Host: shop",
                  "Connection: Upgrade",
                  "Upgrade: WebSocket",
                  "Sec-WebSocket-Key1: 4 @1  46546xW%0l 1 5",
                  "Sec-WebSocket-Key2: 12998 5 Y3 1  .P00")
              + "GET /smug");
      assertThat(client.rest()).startsWith("HTTP/1.1 400 ");
    }
    mesh.assertUnharmed();
  }

  @ParameterizedTest
  @EnumSource
  void endsHopByHopHeadersHere(Side side) throws Exception {
    int before = mesh.received().size();
    try (RawClient client = mesh.http1(side)) {
      client.send(
          lines(
              "GET /hop HTTP/1.1",
              "Host: shop",
              "Connection: keep-alive, X-Auth",
              "Connection: x-secret",
              "Keep-Alive: timeout=5",
              "Proxy-Connection: keep-alive",
              "X-Auth: admin",
              "X-Secret: 1",
              "TE: gzip, trailers",
              "X-Kept: 1"));
      assertThat(client.response()).startsWith("HTTP/1.1 200 ");
    }
    assertThat(mesh.receivedSince(before))
        .singleElement()
        .satisfies(request -> {
          for (String gone : List.of("keep-alive", "proxy-connection", "x-auth", "x-secret")) {
            assertThat(request.has(gone)).as(gone).isFalse();
          }
          assertThat(request.header("connection")).isEqualToIgnoringCase("te");
          assertThat(request.header("te")).isEqualTo("trailers");
          assertThat(request.header("x-kept")).isEqualTo("1");
        });
  }

  @ParameterizedTest
  @EnumSource
  void refusesToDropWhatFramesOrRoutes(Side side) throws Exception {
    for (String nominated : List.of("Host", "Content-Length", "Transfer-Encoding")) {
      try (RawClient client = mesh.http1(side)) {
        client.send(lines("GET / HTTP/1.1", "Host: shop", "Connection: " + nominated));
        assertThat(client.rest()).startsWith("HTTP/1.1 400 ");
      }
    }
    mesh.assertUnharmed();
  }
}
