package dev.heddle.dataplane.hostile;

import static dev.heddle.dataplane.hostile.MeshUnderAttack.SMUGGLED_REQUEST;
import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.dataplane.hostile.Http2Wire.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * HTTP/2 requests that would become something else when written as HTTP/1: H2.CL, H2.TE, line ends
 * and spaces in fields, fake pseudo-headers, Extended CONNECT (CVE-2026-93568). The victim speaks
 * HTTP/1 only.
 */
final class Http2DowngradeTest extends AttacksOnOneMesh {
  /** Names and values in turn, the whole block. */
  private static List<String[]> blocks() {
    List<String[]> blocks = new ArrayList<>();
    // A field too many, behind a good request.
    for (String[] field :
        new String[][] {
          {"transfer-encoding", "chunked"},
          {"transfer-encoding", "identity"},
          {"connection", "close"},
          {"connection", "transfer-encoding"},
          {"keep-alive", "timeout=5"},
          {"proxy-connection", "keep-alive"},
          {"upgrade", "h2c"},
          {"http2-settings", "AAMAAABk"},
          {"te", "gzip"},
          {"te", "trailers, chunked"},
          {"host", "other"},
          {"content-length", "abc"},
          {"content-length", "-1"},
          {"content-length", "+0"},
          {"content-length", "18446744073709551616"},
          {"X-Upper", "1"},
          {"x-a", "b\r\ntransfer-encoding: chunked"},
          {"x-a", "b\nx-c: d"},
          {"x-a", "b\rx-c: d"},
          {"x-a", "b\u0000"},
          {"x-a", "b\u007f"},
          {"x-a", " leading"},
          {"x-a", "trailing "},
          {"x-a\r\ntransfer-encoding: chunked\r\nx-b", "c"},
          {"x-a: b\r\nx-c", "d"},
          {"x a", "b"},
          {"x:a", "b"},
          {"transfer-encoding:chunked", "b"},
          {"x-a\u0000", "b"},
          {"x-\u00e4", "b"},
          {"", "empty name"},
          {":path", "/again"},
          {":method", "POST"},
          {":authority", "other"},
          {":scheme", "https"},
          {":status", "200"},
          {":unknown", "1"},
          {":", "1"},
          {"expect", "a cake"},
        }) {
      blocks.add(request("GET", "http", "shop", "/", field));
    }
    // A pseudo-header that is not one value.
    for (String method : List.of("", "GE T", "GET / HTTP/1.1\r\nX: y", "GET\u0000", "G\u00c4T")) {
      blocks.add(request(method, "http", "shop", "/"));
    }
    for (String scheme : List.of("", "ftp", "http://other/", "http\r\nX: y")) {
      blocks.add(request("GET", scheme, "shop", "/"));
    }
    for (String authority :
        List.of("user@shop", "shop/x", "sh op", "shop\r\nX: y", "shop:port", "shop\u0000", "")) {
      blocks.add(request("GET", "http", authority, "/"));
    }
    for (String path :
        List.of(
            "",
            "x",
            "*",
            "http://other/",
            "/ HTTP/1.1\r\nHost: other\r\n\r\n",
            "/a b",
            "/a\tb",
            "/a\nb",
            "/a\u0000",
            "/a#b",
            "/a\\b",
            "/\u00e4",
            "/%00",
            "/%zz")) {
      blocks.add(request("GET", "http", "shop", path));
    }
    // A pseudo-header that is missing, or late.
    blocks.add(new String[] {":scheme", "http", ":authority", "shop", ":path", "/"});
    blocks.add(new String[] {":method", "GET", ":authority", "shop", ":path", "/"});
    blocks.add(new String[] {":method", "GET", ":scheme", "http", ":authority", "shop"});
    blocks.add(new String[] {":method", "GET", ":scheme", "http", ":path", "/"});
    blocks.add(
        new String[] {
          ":method", "GET", ":scheme", "http", "x-a", "b", ":authority", "s", ":path", "/"
        });
    return blocks;
  }

  private static String[] request(
      String method, String scheme, String authority, String path, String... field) {
    List<String> all =
        new ArrayList<>(
            List.of(":method", method, ":scheme", scheme, ":authority", authority, ":path", path));
    all.addAll(List.of(field));
    return all.toArray(String[]::new);
  }

  static Stream<Arguments> malformed() {
    List<Arguments> all = new ArrayList<>();
    for (Side side : Side.values()) {
      for (String[] block : blocks()) {
        all.add(Arguments.of(side, (Object) block));
      }
    }
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("malformed")
  void refusesWhatHttp1CannotSay(Side side, String[] block) throws Exception {
    int before = mesh.received().size();
    try (Http2Wire client = mesh.http2(side)) {
      client.headers(1, true, block);
      Outcome outcome = client.outcome(1);
      assertThat(outcome)
          .satisfiesAnyOf(
              refused -> assertThat(refused.refused()).isTrue(),
              answered -> assertThat(answered.status()).matches("4\\d\\d"));
    }
    assertThat(mesh.receivedSince(before)).isEmpty();
    mesh.assertUnharmed();
  }

  /** A body that is not as long as content-length says (H2.CL). */
  @ParameterizedTest
  @EnumSource
  void refusesABodyOfAnotherLength(Side side) throws Exception {
    for (int stated : new int[] {1, SMUGGLED_REQUEST.length() - 1, SMUGGLED_REQUEST.length() + 1}) {
      int before = mesh.received().size();
      try (Http2Wire client = mesh.http2(side)) {
        client
            .request(1, false, "POST", "/", "content-length", Integer.toString(stated))
            .data(1, true, SMUGGLED_REQUEST);
        assertThat(client.outcome(1).refused()).as("content-length %s", stated).isTrue();
        // The connection lives: it was one stream's fault.
        client.get(3, "/honest");
        assertThat(client.outcome(3).status()).isEqualTo("200");
      }
      assertThat(mesh.receivedSince(before))
          .extracting(Victim.Request::target)
          .containsExactly("/honest");
    }
    mesh.assertUnharmed();
  }

  /** The length it has, in the form that the victim's protocol has for it. */
  @ParameterizedTest
  @EnumSource
  void writesBodiesInItsOwnFraming(Side side) throws Exception {
    int before = mesh.received().size();
    try (Http2Wire client = mesh.http2(side)) {
      client.request(1, false, "POST", "/unknown-length").data(1, true, SMUGGLED_REQUEST);
      assertThat(client.outcome(1).status()).isEqualTo("200");
      client
          .request(
              3,
              false,
              "POST",
              "/known-length",
              "content-length",
              Integer.toString(SMUGGLED_REQUEST.length()))
          .data(3, true, SMUGGLED_REQUEST);
      assertThat(client.outcome(3).status()).isEqualTo("200");
    }
    assertThat(mesh.receivedSince(before))
        .extracting(Victim.Request::body)
        .containsExactly(SMUGGLED_REQUEST, SMUGGLED_REQUEST);
  }

  /** Trailers must not become headers or framing (RFC 9110, 6.5.1). */
  @ParameterizedTest
  @EnumSource
  void refusesOrDropsTrailersThatFrame(Side side) throws Exception {
    int before = mesh.received().size();
    try (Http2Wire client = mesh.http2(side)) {
      client
          .request(1, false, "POST", "/")
          .data(1, false, "abc")
          .headers(1, true, ":path", SMUGGLED_REQUEST.strip());
      assertThat(client.outcome(1).refused()).isTrue();
      client
          .request(3, false, "POST", "/")
          .data(3, false, "abc")
          .headers(3, true, "x-a", "b\r\n\r\n" + SMUGGLED_REQUEST);
      assertThat(client.outcome(3).refused()).isTrue();
      client
          .request(5, false, "POST", "/trailers")
          .data(5, false, "abc")
          .headers(5, true, "content-length", "99", "host", "other", "x-checksum", "1");
      assertThat(client.outcome(5).status()).isEqualTo("200");
    }
    assertThat(mesh.receivedSince(before))
        .singleElement()
        .satisfies(request -> assertThat(request.body()).isEqualTo("abc"));
    mesh.assertUnharmed();
  }

  @ParameterizedTest
  @EnumSource
  void opensNoTunnelForConnect(Side side) throws Exception {
    int before = mesh.received().size();
    try (Http2Wire client = mesh.http2(side)) {
      client.headers(1, false, ":method", "CONNECT", ":authority", "shop:80");
      client.data(1, false, SMUGGLED_REQUEST);
      assertThat(client.outcome(1).status()).isIn("405", "");
      client.headers(
          3,
          false,
          ":method",
          "CONNECT",
          ":protocol",
          "websocket",
          ":scheme",
          "http",
          ":path",
          "/chat",
          ":authority",
          "shop");
      client.data(3, false, SMUGGLED_REQUEST);
      assertThat(client.outcome(3).refused()).isTrue();
    }
    assertThat(mesh.receivedSince(before)).isEmpty();
    mesh.assertUnharmed();
  }
}
