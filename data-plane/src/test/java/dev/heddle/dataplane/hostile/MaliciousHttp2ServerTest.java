package dev.heddle.dataplane.hostile;

import static dev.heddle.dataplane.hostile.Http2Wire.CONTINUATION;
import static dev.heddle.dataplane.hostile.Http2Wire.END_HEADERS;
import static dev.heddle.dataplane.hostile.Http2Wire.GOAWAY;
import static dev.heddle.dataplane.hostile.Http2Wire.HEADERS;
import static dev.heddle.dataplane.hostile.Http2Wire.PING;
import static dev.heddle.dataplane.hostile.Http2Wire.PUSH_PROMISE;
import static dev.heddle.dataplane.hostile.Http2Wire.WINDOW_UPDATE;
import static dev.heddle.dataplane.hostile.Http2Wire.integer;
import static dev.heddle.dataplane.http.harness.RawClient.lines;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.heddle.dataplane.LoopbackMesh;
import dev.heddle.dataplane.LoopbackMesh.AppProtocol;
import dev.heddle.dataplane.hostile.Http2Wire.Frame;
import dev.heddle.dataplane.hostile.Http2Wire.Outcome;
import dev.heddle.dataplane.http.harness.RawClient;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * An application that breaks HTTP/2, towards callers in both protocols. Malformed answers become
 * 502, floods end its connection, and the next request is served over another.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class MaliciousHttp2ServerTest {
  private static final int MANY = 20_000;
  private static final String POISON = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison";

  private volatile Attack attack = (connection, stream) -> {};
  private volatile int[] settings = {};
  private Http2WireServer server;
  private LoopbackMesh mesh;

  /** What the server does after a request for {@code /attack}. */
  interface Attack {
    void answer(Http2Wire connection, int stream) throws IOException;
  }

  @BeforeAll
  void start(@TempDir Path directory) throws Exception {
    server = new Http2WireServer(this::serve);
    mesh = LoopbackMesh.start(directory, server.address(), AppProtocol.HTTP2);
  }

  @AfterAll
  void close() throws Exception {
    mesh.close();
    server.close();
  }

  private void serve(Http2Wire connection) throws IOException {
    connection.readPreface();
    connection.settings(settings);
    for (Frame frame = connection.next(); frame != null; frame = connection.next()) {
      if (frame.type() == PING && !frame.is(Http2Wire.ACK)) {
        connection.frame(PING, Http2Wire.ACK, 0, frame.payload());
      }
      if (frame.type() != HEADERS) {
        continue;
      }
      CharSequence path = connection.decode(frame).path();
      if (path != null && path.toString().equals("/attack")) {
        attack.answer(connection, frame.stream());
      } else {
        connection.headers(frame.stream(), false, ":status", "200");
        connection.data(frame.stream(), true, "ok");
      }
    }
  }

  private static Attack head(String... fields) {
    return (connection, stream) ->
        connection.headers(stream, false, fields).data(stream, true, "poison");
  }

  private static Map<String, Attack> malformed() {
    Map<String, Attack> attacks = new LinkedHashMap<>();
    attacks.put("no status", head("x", "y"));
    attacks.put("empty block", head());
    attacks.put("two statuses", head(":status", "200", ":status", "201"));
    for (String status : List.of("", "20", "2000", "20a", "-20", "099", " 200", "101")) {
      attacks.put("status '" + status + "'", head(":status", status));
    }
    attacks.put("pseudo-header of a request", head(":status", "200", ":path", "/"));
    attacks.put("unknown pseudo-header", head(":status", "200", ":x", "y"));
    attacks.put("upper case", head(":status", "200", "X-Upper", "y"));
    attacks.put("line end in a value", head(":status", "200", "x", "a\r\nset-cookie: b"));
    attacks.put("line end in a name", head(":status", "200", "x: y\r\nset-cookie", "b"));
    attacks.put("zero in a value", head(":status", "200", "x", "a\u0000b"));
    attacks.put("transfer-encoding", head(":status", "200", "transfer-encoding", "chunked"));
    attacks.put("connection", head(":status", "200", "connection", "close"));
    attacks.put("length of letters", head(":status", "200", "content-length", "x"));
    attacks.put(
        "two lengths", head(":status", "200", "content-length", "6", "content-length", "5"));
    attacks.put(
        "data before headers", (connection, stream) -> connection.data(stream, true, "poison"));
    attacks.put(
        "interim answer that ends",
        (connection, stream) -> connection.headers(stream, true, ":status", "100"));
    attacks.put(
        "interim answers without end",
        (connection, stream) -> {
          for (int i = 0; i < MANY; i++) {
            connection.headers(stream, false, ":status", "102", "x", "a".repeat(100));
          }
        });
    String[] many = new String[2002];
    Arrays.fill(many, "x");
    many[0] = ":status";
    many[1] = "200";
    attacks.put("a thousand headers", head(many));
    return attacks;
  }

  static Stream<Arguments> malformedAnswers() {
    return onBothSides(malformed());
  }

  private static Stream<Arguments> onBothSides(Map<String, Attack> attacks) {
    List<Arguments> all = new ArrayList<>();
    for (Side side : Side.values()) {
      attacks.forEach((name, attack) -> all.add(Arguments.of(side, name, attack)));
    }
    return all.stream();
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("malformedAnswers")
  void becomesAnErrorOfTheProxy(Side side, String name, Attack malformed) throws Exception {
    attack = malformed;
    try (Http2Wire client = Http2Wire.client(side.http2(mesh))) {
      client.request(1, true, "POST", "/attack");
      Outcome outcome = client.outcome(1);
      while (outcome.status().equals("102")) {
        outcome = client.outcome(1);
      }
      assertThat(outcome.body()).doesNotContain("poison");
      assertThat(outcome.status()).as("%s", outcome).isIn("502", "503");
    }
    try (RawClient client = new RawClient(side.http1(mesh))) {
      client.send(lines("POST /attack HTTP/1.1", "Host: shop", "Content-Length: 0"));
      String response;
      do {
        response = client.response();
      } while (response.startsWith("HTTP/1.1 1"));
      assertThat(response).matches("(?s)HTTP/1\\.1 50[23] .*").doesNotContain("poison");
    }
    assertHonest(side);
  }

  private void assertHonest(Side side) throws Exception {
    try (RawClient client = new RawClient(side.http1(mesh))) {
      for (int i = 0; i < 3; i++) {
        client.send(lines("GET /honest HTTP/1.1", "Host: shop"));
        assertThat(client.response()).startsWith("HTTP/1.1 200 ").endsWith("ok");
      }
    }
  }

  private static Map<String, Attack> floods() {
    Map<String, Attack> attacks = new LinkedHashMap<>();
    attacks.put("pings", flood((connection, stream) -> connection.frame(PING, 0, 0, new byte[8])));
    attacks.put("settings", flood((connection, stream) -> connection.settings()));
    attacks.put(
        "continuations",
        (connection, stream) -> {
          connection.frame(HEADERS, 0, stream, Http2Wire.block(":status", "200"));
          for (int i = 0; i < MANY; i++) {
            connection.frame(CONTINUATION, 0, stream);
          }
        });
    attacks.put(
        "push",
        (connection, stream) -> {
          byte[] block = Http2Wire.requestBlock("GET", "/pushed");
          byte[] payload = new byte[4 + block.length];
          payload[3] = 2;
          System.arraycopy(block, 0, payload, 4, block.length);
          connection.frame(PUSH_PROMISE, END_HEADERS, stream, payload);
        });
    attacks.put(
        "window overflow",
        (connection, stream) ->
            connection
                .frame(WINDOW_UPDATE, 0, 0, integer(Integer.MAX_VALUE))
                .frame(WINDOW_UPDATE, 0, 0, integer(Integer.MAX_VALUE)));
    attacks.put(
        "stream that nobody opened",
        (connection, stream) -> connection.headers(stream + 1000, true, ":status", "200"));
    attacks.put("GOAWAY", (connection, stream) -> connection.frame(GOAWAY, 0, 0, new byte[8]));
    attacks.put(
        "reset", (connection, stream) -> connection.reset(stream, Http2Wire.PROTOCOL_ERROR));
    attacks.put(
        "a table beyond what is allowed",
        (connection, stream) ->
            connection.frame(
                HEADERS, END_HEADERS, stream, (byte) 0x3f, (byte) -1, (byte) -1, (byte) 127));
    return attacks;
  }

  private static Attack flood(Attack frame) {
    return (connection, stream) -> {
      for (int i = 0; i < MANY; i++) {
        frame.answer(connection, stream);
      }
    };
  }

  static Stream<Arguments> brokenConnections() {
    return onBothSides(floods());
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("brokenConnections")
  void losesItsConnectionAndNobodyElseDoes(Side side, String name, Attack broken) throws Exception {
    attack = broken;
    try (Http2Wire client = Http2Wire.client(side.http2(mesh))) {
      client.request(1, true, "POST", "/attack");
      assertThat(client.outcome(1).status()).isIn("502", "503");
    }
    assertHonest(side);
  }

  /** A body beyond or short of what was stated: the caller sees that the answer is not whole. */
  @ParameterizedTest
  @EnumSource
  void cannotHideThatAnAnswerIsNotWhole(Side side) throws Exception {
    for (String stated : List.of("3", "99")) {
      attack = head(":status", "200", "content-length", stated);
      try (Http2Wire client = Http2Wire.client(side.http2(mesh))) {
        client.request(1, true, "POST", "/attack");
        Outcome outcome = client.outcome(1);
        assertThat(outcome)
            .satisfiesAnyOf(
                reset -> assertThat(reset.reset()).isPositive(),
                refused -> assertThat(refused.status()).isIn("502", "503"));
      }
      try (RawClient client = new RawClient(side.http1(mesh))) {
        client.send(
            lines("POST /attack HTTP/1.1", "Host: shop", "Content-Length: 0", "Connection: close"));
        assertThat(client.rest().length()).isLessThan(1000);
      }
      assertHonest(side);
    }
  }

  /** Answers that have no body in HTTP/1, with one. */
  @ParameterizedTest
  @EnumSource
  void cannotSmuggleAnAnswerIntoHttp1(Side side) throws Exception {
    for (String status : List.of("204", "304", "205")) {
      attack =
          (connection, stream) ->
              connection.headers(stream, false, ":status", status).data(stream, true, POISON);
      try (RawClient client = new RawClient(side.http1(mesh))) {
        client.send(lines("GET /attack HTTP/1.1", "Host: shop"));
        assertThat(client.head()).as(status).matches("(?s)HTTP/1\\.1 (" + status + "|50[23]) .*");
      }
      assertNotPoisoned(side, "GET");
    }
    attack =
        (connection, stream) ->
            connection.headers(stream, false, ":status", "200").data(stream, true, POISON);
    assertNotPoisoned(side, "HEAD");
  }

  private void assertNotPoisoned(Side side, String method) throws Exception {
    try (RawClient client = new RawClient(side.http1(mesh))) {
      client.send(
          lines(method + " /attack HTTP/1.1", "Host: shop")
              + lines("GET /honest HTTP/1.1", "Host: shop", "Connection: close"));
      String all = client.rest();
      int second = all.indexOf("HTTP/1.1 ", 1);
      if (second > 0 && !all.startsWith("HTTP/1.1 205")) {
        assertThat(all.substring(second)).doesNotContain("poison");
      }
    }
  }

  /** Settings by which a server takes nothing at all. */
  @ParameterizedTest
  @EnumSource
  void cannotStarveItsCallers(Side side) throws Exception {
    for (int[] starving : new int[][] {{Http2Wire.SETTINGS_MAX_HEADER_LIST_SIZE, 0}, {0x3, 0}}) {
      settings = starving;
      // Connections made before keep their settings.
      attack = (connection, stream) -> connection.frame(GOAWAY, 0, 0, new byte[8]);
      try (Http2Wire client = Http2Wire.client(side.http2(mesh))) {
        for (int stream = 1; stream < 21; stream += 2) {
          client.request(stream, true, "POST", stream < 6 ? "/attack" : "/honest");
          assertThat(client.outcome(stream).status()).isIn("200", "502", "503");
        }
      } finally {
        settings = new int[0];
        for (Socket socket : server.sockets()) {
          socket.close();
        }
      }
    }
    await().untilAsserted(() -> assertHonest(side));
  }
}
