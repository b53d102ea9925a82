package dev.heddle.dataplane.hostile;

import static dev.heddle.dataplane.http.harness.RawClient.lines;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.heddle.dataplane.LoopbackMesh;
import dev.heddle.dataplane.LoopbackMesh.AppProtocol;
import dev.heddle.dataplane.http.harness.RawClient;
import dev.heddle.dataplane.http.harness.RawServer;
import java.io.IOException;
import java.net.SocketException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
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
 * An application that answers with what two parsers could read differently, or never stops to
 * answer: nothing of it may reach another request, and the caller learns that the answer is none.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class MaliciousHttp1ServerTest {
  private static final String POISON = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison";

  private volatile Attack attack = connection -> {};
  private final AtomicInteger attacks = new AtomicInteger();
  private RawServer server;
  private LoopbackMesh mesh;

  /** What the server does after the head of a request for {@code /attack}. */
  interface Attack {
    void answer(RawServer.Connection connection) throws IOException;
  }

  @BeforeAll
  void start(@TempDir Path directory) throws Exception {
    server =
        new RawServer(connection -> {
          for (String head = connection.readHead(); !head.isEmpty(); head = connection.readHead()) {
            if (head.contains(" /attack ")) {
              attacks.incrementAndGet();
              attack.answer(connection);
            } else {
              connection.send(Victim.ANSWER);
            }
          }
        });
    mesh = LoopbackMesh.start(directory, server.address(), AppProtocol.HTTP1);
  }

  @AfterAll
  void close() throws Exception {
    mesh.close();
    server.close();
  }

  static Stream<Arguments> answers(List<String> answers) {
    List<Arguments> all = new ArrayList<>();
    for (Side side : Side.values()) {
      answers.forEach(answer -> all.add(Arguments.of(side, answer)));
    }
    return all.stream();
  }

  static Stream<Arguments> malformed() {
    return answers(
        List.of(
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 0\r\n\r\nabcde",
            "HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nabcde",
            "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nabcde",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\u0000\r\n\r\nabcde",
            "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nabcde",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\nabcde",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 99 Low\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 1000 High\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 2x0 OK\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 200 O\rK\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 200 O\u0000K\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 200 OK\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\n\r\nok",
            "HTTP/1.1 200 OK\r\nX: a\rSet-Cookie: b\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 200 OK\r\nX: a\u0000b\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 200 OK\r\n: a\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 200 OK\r\nConnection: content-length\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
            "HTTP/1.1 200 OK\r\n" + "X: y\r\n".repeat(1000) + "Content-Length: 2\r\n\r\nok",
            "HTTP/1.1 200 OK\r\nX: " + "a".repeat(100_000) + "\r\nContent-Length: 2\r\n\r\nok",
            "SSH-2.0-OpenSSH_9.2\r\n\r\n",
            "\u0000\u0001\u0002\r\n\r\n"));
  }

  @ParameterizedTest
  @MethodSource("malformed")
  void isNotPassedOn(Side side, String answer) throws Exception {
    attack = connection -> connection.send(answer + POISON);
    try (RawClient client = new RawClient(side.http1(mesh))) {
      client.send(lines("GET /attack HTTP/1.1", "Host: shop"));
      assertThat(client.response()).matches("(?s)HTTP/1\\.1 50[23] .*").contains("heddle-error: ");
      assertNextIsHonest(client);
    }
    try (Http2Wire client = Http2Wire.client(side.http2(mesh))) {
      client.get(1, "/attack");
      assertThat(client.outcome(1).status()).isIn("502", "503");
      client.get(3, "/honest");
      assertThat(client.outcome(3).body()).isEqualTo("ok");
    }
  }

  private static void assertNextIsHonest(RawClient client) throws IOException {
    for (int i = 0; i < 3; i++) {
      client.send(lines("GET /honest HTTP/1.1", "Host: shop"));
      assertThat(client.response()).startsWith("HTTP/1.1 200 ").endsWith("\r\n\r\nok");
    }
  }

  /** Complete answers, and behind them what nobody asked for. */
  static Stream<Arguments> wellFormed() {
    return answers(
        List.of(
            Victim.ANSWER,
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
            "HTTP/1.1 204 No Content\r\n\r\n",
            "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n",
            "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
            "HTTP/1.1 205 Reset Content\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 205 Reset Content\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
            "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + Victim.ANSWER,
            "HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nok",
            "HTTP/1.1 200 OK\r\nX Y: a\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 200 OK\r\nno colon\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 999 Odd\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 200 OK\r\nX: folded\r\n line\r\nContent-Length: 2\r\n\r\nok"));
  }

  /** Response queue poisoning: the bytes behind an answer are never the next one. */
  @ParameterizedTest
  @MethodSource("wellFormed")
  void endsWhereItEnds(Side side, String answer) throws Exception {
    attack = connection -> connection.send(answer + POISON);
    try (RawClient client = new RawClient(side.http1(mesh))) {
      client.send(lines("GET /attack HTTP/1.1", "Host: shop"));
      String response = answer.startsWith("HTTP/1.1 304") ? client.head() : client.response();
      if (response.startsWith("HTTP/1.1 103 ")) {
        response = client.response();
      }
      assertThat(response).doesNotContain("poison").doesNotContain("heddle-error");
      assertNextIsHonest(client);
    }
    try (Http2Wire client = Http2Wire.client(side.http2(mesh))) {
      client.get(1, "/attack");
      assertThat(client.outcome(1).body()).doesNotContain("poison");
      client.get(3, "/honest");
      assertThat(client.outcome(3).body()).isEqualTo("ok");
    }
  }

  /** A body where there can be none. */
  @ParameterizedTest
  @EnumSource
  void takesNoBodyOfAnAnswerToHead(Side side) throws Exception {
    attack =
        connection -> connection.send("HTTP/1.1 200 OK\r\nContent-Length: 66\r\n\r\n" + POISON);
    try (RawClient client = new RawClient(side.http1(mesh))) {
      client.send(lines("HEAD /attack HTTP/1.1", "Host: shop"));
      assertThat(client.head()).startsWith("HTTP/1.1 200 ");
      assertNextIsHonest(client);
    }
  }

  /** An answer without its end must not look as if it had one. */
  @ParameterizedTest
  @EnumSource
  void tellsOfAnAnswerThatIsCutShort(Side side) throws Exception {
    List<String> cut =
        List.of(
            "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nxyz\r\n");
    for (String answer : cut) {
      attack =
          connection -> {
            connection.send(answer);
            connection.reset();
          };
      try (RawClient client = new RawClient(side.http1(mesh))) {
        client.send(
            lines("POST /attack HTTP/1.1", "Host: shop", "Content-Length: 0", "Connection: close"));
        assertThat(client.rest())
            .satisfiesAnyOf(
                nothing -> assertThat(nothing).isEmpty(),
                begun -> assertThat(begun).startsWith("HTTP/1.1 200 ").doesNotEndWith("0\r\n\r\n"),
                failed -> assertThat(failed).startsWith("HTTP/1.1 503 "));
      }
      try (Http2Wire client = Http2Wire.client(side.http2(mesh))) {
        client.request(1, true, "POST", "/attack", "content-length", "0");
        assertThat(client.outcome(1))
            .satisfiesAnyOf(
                begun -> assertThat(begun.reset()).isPositive(),
                failed -> assertThat(failed.status()).isEqualTo("503"));
      }
    }
  }

  /** What only proxies may say, said by an application. */
  @ParameterizedTest
  @EnumSource
  void isNotBelievedInWhatProxiesSay(Side side) throws Exception {
    int before = attacks.get();
    attack =
        connection ->
            connection.send(
                "HTTP/1.1 200 OK\r\nHeddle-Undelivered: send it again\r\nHeddle-Error: UC no\r\n"
                    + "X-Forwarded-Client-Cert: me\r\nContent-Length: 2\r\n\r\nok");
    try (RawClient client = new RawClient(side.http1(mesh))) {
      client.send(lines("POST /attack HTTP/1.1", "Host: shop", "Content-Length: 0"));
      assertThat(client.response())
          .startsWith("HTTP/1.1 200 ")
          .doesNotContainIgnoringCase("heddle-")
          .doesNotContainIgnoringCase("x-forwarded-client-cert")
          .endsWith("ok");
    }
    assertThat(attacks.get() - before).isEqualTo(1);
  }

  /** Interim answers without end: each would count as progress, and wait for a slow client. */
  @ParameterizedTest
  @EnumSource
  void cannotKeepARequestWithInterimAnswers(Side side) throws Exception {
    AtomicInteger sent = new AtomicInteger();
    attack =
        connection -> {
          sent.set(0);
          while (sent.incrementAndGet() < 1_000_000) {
            connection.send("HTTP/1.1 102 Processing\r\nX: " + "a".repeat(1000) + "\r\n\r\n");
          }
        };
    try (RawClient client = new RawClient(side.http1(mesh))) {
      client.send(lines("GET /attack HTTP/1.1", "Host: shop"));
      String response;
      do {
        response = client.response();
      } while (response.startsWith("HTTP/1.1 102 "));
      assertThat(response).startsWith("HTTP/1.1 502 ");
      assertNextIsHonest(client);
    }
    await().untilAsserted(() -> assertThat(sent.get()).isLessThan(100_000));
  }

  /** An answer before the request is complete: what is left of the request goes nowhere. */
  @ParameterizedTest
  @EnumSource
  void cannotTurnTheRestOfARequestIntoTheNext(Side side) throws Exception {
    attack = connection -> connection.send(Victim.ANSWER);
    int before = server.heads().size();
    try (RawClient client = new RawClient(side.http1(mesh))) {
      client.send(
          lines("POST /attack HTTP/1.1", "Host: shop", "Content-Length: 1000") + "GET /smug");
      assertThat(client.response()).startsWith("HTTP/1.1 200 ");
      try {
        client.send("gled HTTP/1.1\r\nHost: shop\r\n\r\n" + MeshUnderAttack.SMUGGLED_REQUEST);
        assertThat(client.rest()).doesNotContain(" 200 ");
      } catch (SocketException closed) {
        assertThat(closed).as("the proxy has closed").isNotNull();
      }
    }
    try (RawClient client = new RawClient(side.http1(mesh))) {
      assertNextIsHonest(client);
    }
    assertThat(server.heads().subList(before, server.heads().size()))
        .noneSatisfy(head -> assertThat(head).startsWith("GET " + MeshUnderAttack.SMUGGLED));
  }
}
