package dev.heddle.dataplane.hostile;

import static dev.heddle.dataplane.hostile.MeshUnderAttack.SMUGGLED_REQUEST;
import static dev.heddle.dataplane.http.harness.RawClient.lines;
import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.dataplane.http.harness.RawClient;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Requests whose end two parsers could see in different places: CL.TE, TE.CL, TE.TE (PortSwigger
 * 2019), 0.CL, CL.0 and Expect ("HTTP/1.1 must die", 2025), chunk sizes, CVE-2026-42581, -42585,
 * CVE-2025-58056, CVE-2026-33870, -42580, and the trophies of http-garden.
 */
final class RequestSmugglingTest extends AttacksOnOneMesh {
  private static final String HEAD = "POST / HTTP/1.1\r\nHost: shop\r\n";

  /** Header lines about a message's length that are not the one way to say it. */
  static final List<String> AMBIGUOUS =
      List.of(
          "Content-Length: 5\r\nTransfer-Encoding: chunked",
          "Transfer-Encoding: chunked\r\nContent-Length: 5",
          "Content-Length: 5\r\nTransfer-Encoding: identity",
          "Content-Length: 5\r\nTransfer-Encoding:",
          "Content-Length: 5\r\nContent-Length: 0",
          "Content-Length: 0\r\nContent-Length: 5",
          "Content-Length: 5, 0",
          "Content-Length: 5,5",
          "Content-Length: +5",
          "Content-Length: -0",
          "Content-Length: 5 5",
          "Content-Length: 0x5",
          "Content-Length: 5_0",
          "Content-Length: \u00005",
          "Content-Length: 5\u000b",
          "Content-Length: \u00a05",
          "Content-Length:",
          "Content-Length: 18446744073709551621",
          "Content-Length : 5",
          "Content-Length\t: 5",
          "Content-Length\u0000: 5",
          " Content-Length: 5",
          "Content-Length:\r\n 5",
          "X: x\nContent-Length: 5",
          "X: x\rContent-Length: 5",
          "Transfer-Encoding: xchunked",
          "Transfer-Encoding: chunkedx",
          "Transfer-Encoding: chunked, identity",
          "Transfer-Encoding: identity, chunked",
          "Transfer-Encoding: gzip, chunked",
          "Transfer-Encoding: chunked, chunked",
          "Transfer-Encoding: chunked,",
          "Transfer-Encoding: ,chunked",
          "Transfer-Encoding: chunked;q=1",
          "Transfer-Encoding: \"chunked\"",
          "Transfer-Encoding: 'chunked'",
          "Transfer-Encoding: chunked\u0000",
          "Transfer-Encoding: \u000bchunked",
          "Transfer-Encoding: \u000cchunked",
          "Transfer-Encoding: chunked\u00ff",
          "Transfer-Encoding: chun\u212aed",
          "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
          "Transfer-Encoding: chunked\r\nTransfer-Encoding: x",
          "Transfer-Encoding: x\r\nTransfer-Encoding: chunked",
          "Transfer-Encoding : chunked",
          "Transfer-Encoding\t: chunked",
          "Transfer-Encoding\u000b: chunked",
          "Transfer-Encoding\r\n : chunked",
          "Transfer-Encoding:\r\n chunked",
          "Transfer-Encoding:\r\n\tchunked",
          " Transfer-Encoding: chunked",
          "\tTransfer-Encoding: chunked",
          "X: x\nTransfer-Encoding: chunked",
          "X: x\rTransfer-Encoding: chunked",
          "X: x\r\r\nTransfer-Encoding: chunked",
          "Transfer-Encoding: chunked\r",
          "Connection: content-length\r\nContent-Length: 5",
          "Connection: transfer-encoding\r\nTransfer-Encoding: chunked",
          "Host: other",
          "Expect: 200-ok",
          "Expect: 100-continue, 100-continue");

  static Stream<Arguments> ambiguous() {
    return bothSides(AMBIGUOUS);
  }

  private static Stream<Arguments> bothSides(List<String> attacks) {
    List<Arguments> all = new ArrayList<>();
    for (Side side : Side.values()) {
      attacks.forEach(attack -> all.add(Arguments.of(side, attack)));
    }
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("ambiguous")
  void refusesAmbiguousLengths(Side side, String header) throws Exception {
    int before = mesh.received().size();
    try (RawClient client = mesh.http1(side)) {
      client.send(HEAD + header + "\r\n\r\n0\r\n\r\n" + SMUGGLED_REQUEST);
      assertThat(client.rest())
          .matches("(?s)HTTP/1\\.1 4\\d\\d .*")
          .containsIgnoringCase("connection: close")
          .doesNotContain(" 200 ");
    }
    assertThat(mesh.receivedSince(before)).isEmpty();
    mesh.assertUnharmed();
  }

  /** Each after {@code Transfer-Encoding: chunked}. */
  static final List<String> BAD_CHUNKS =
      List.of(
          "100000005\r\nabcde\r\n0\r\n\r\n",
          "80000005\r\nabcde\r\n0\r\n\r\n",
          "ffffffffffffffff5\r\nabcde\r\n0\r\n\r\n",
          "-5\r\nabcde\r\n0\r\n\r\n",
          "+5\r\nabcde\r\n0\r\n\r\n",
          "0x5\r\nabcde\r\n0\r\n\r\n",
          " 5\r\nabcde\r\n0\r\n\r\n",
          "5 \r\nabcde\r\n0\r\n\r\n",
          "5\u0000\r\nabcde\r\n0\r\n\r\n",
          "5\nabcde\r\n0\r\n\r\n",
          "5\rabcde\r\n0\r\n\r\n",
          "5\r\r\nabcde\r\n0\r\n\r\n",
          "5;a\nabcde\r\n0\r\n\r\n",
          "5;a\rb\r\nabcde\r\n0\r\n\r\n",
          "5;a=\"\nb\"\r\nabcde\r\n0\r\n\r\n",
          "5;a\u0000b\r\nabcde\r\n0\r\n\r\n",
          "5,a\r\nabcde\r\n0\r\n\r\n",
          ";a\r\nabcde\r\n0\r\n\r\n",
          "\r\n5\r\nabcde\r\n0\r\n\r\n",
          "5\r\nabcdef\r\n0\r\n\r\n",
          "5\r\nabcde\n0\r\n\r\n",
          "5\r\nabcde\r0\r\n\r\n",
          "5\r\nabcdeXX0\r\n\r\n",
          "5\r\nabcde0\r\n\r\n",
          "5\r\nabcde\r\nz\r\n\r\n",
          "5\r\nabcde\r\n0\n\r\n",
          "5\r\nabcde\r\n0\r\nX: a\nY: b\r\n\r\n",
          "5\r\nabcde\r\n0\r\nX: a\u0000\r\n\r\n",
          "5\r\nabcde\r\n0\r\nX : a\r\n\r\n",
          "5\r\nabcde\r\n0\r\n: a\r\n\r\n",
          "5\r\nabcde\r\n0\r\nno colon\r\n\r\n");

  static Stream<Arguments> badChunks() {
    return bothSides(BAD_CHUNKS);
  }

  @ParameterizedTest
  @MethodSource("badChunks")
  void refusesBadChunks(Side side, String body) throws Exception {
    int before = mesh.received().size();
    try (RawClient client = mesh.http1(side)) {
      client.send(HEAD + "Transfer-Encoding: chunked\r\n\r\n" + body + SMUGGLED_REQUEST);
      assertThat(client.rest()).startsWith("HTTP/1.1 400 ").doesNotContain(" 200 ");
    }
    // The head was on its way; without its end the victim has no request.
    assertThat(mesh.receivedSince(before)).isEmpty();
    mesh.assertUnharmed();
  }

  /** What looks odd and is one message by the book: forwarded in one spelling. */
  static final List<String> ODD_CHUNKS =
      List.of(
          "00000005\r\nabcde\r\n0\r\n\r\n",
          "5;name=value\r\nabcde\r\n0\r\n\r\n",
          "5;name=\"quoted;\"\r\nabcde\r\n0\r\n\r\n",
          "2\r\nab\r\n3;x\r\ncde\r\n000\r\n\r\n",
          "5\r\nabcde\r\n0\r\nContent-Length: 99\r\nTransfer-Encoding: x\r\n\r\n");

  static Stream<Arguments> oddChunks() {
    return bothSides(ODD_CHUNKS);
  }

  @ParameterizedTest
  @MethodSource("oddChunks")
  void spellsChunksInItsOwnWay(Side side, String body) throws Exception {
    int before = mesh.received().size();
    try (RawClient client = mesh.http1(side)) {
      client.send(HEAD + "Transfer-Encoding:\t chunked \r\n\r\n" + body);
      assertThat(client.response()).startsWith("HTTP/1.1 200 ");
    }
    assertThat(mesh.receivedSince(before))
        .singleElement()
        .satisfies(request -> {
          assertThat(request.header("transfer-encoding")).isEqualTo("chunked");
          assertThat(request.has("content-length")).isFalse();
          assertThat(request.body()).isEqualTo("abcde");
        });
  }

  /** A server that takes no notice of a GET's length would take the body for a request (CL.0). */
  @ParameterizedTest
  @EnumSource
  void carriesNothingAfterABodyThatItsMethodGivesNoMeaning(Side side) throws Exception {
    int before = mesh.received().size();
    try (RawClient client = mesh.http1(side)) {
      client.send(
          lines(
                  "GET /with-body HTTP/1.1",
                  "Host: shop",
                  "Content-Length: " + SMUGGLED_REQUEST.length())
              + SMUGGLED_REQUEST);
      assertThat(client.response()).startsWith("HTTP/1.1 200 ");
      client.send(lines("GET /next HTTP/1.1", "Host: shop"));
      assertThat(client.response()).startsWith("HTTP/1.1 200 ");
    }
    List<Victim.Request> received = mesh.receivedSince(before);
    assertThat(received).extracting(Victim.Request::target).containsExactly("/with-body", "/next");
    assertThat(received.get(0).body()).isEqualTo(SMUGGLED_REQUEST);
    assertThat(received.get(1).connection()).isNotEqualTo(received.get(0).connection());
  }

  /** The client's word that it waits, and the body behind it at once. */
  @ParameterizedTest
  @EnumSource
  void keepsTheBodyOfARequestThatExpectsToContinue(Side side) throws Exception {
    int before = mesh.received().size();
    try (RawClient client = mesh.http1(side)) {
      client.send(
          lines(
                  "POST /expecting HTTP/1.1",
                  "Host: shop",
                  "Expect: 100-continue",
                  "Content-Length: " + SMUGGLED_REQUEST.length())
              + SMUGGLED_REQUEST);
      assertThat(client.response()).startsWith("HTTP/1.1 200 ");
      client.send(lines("GET /next HTTP/1.1", "Host: shop"));
      assertThat(client.response()).startsWith("HTTP/1.1 200 ");
    }
    assertThat(mesh.receivedSince(before))
        .extracting(Victim.Request::target)
        .containsExactly("/expecting", "/next");
  }

  /** Request lines and heads that parsers disagree on. */
  static final List<String> MALFORMED_HEADS =
      List.of(
          "GET  / HTTP/1.1\r\nHost: shop\r\n\r\n",
          "GET\t/ HTTP/1.1\r\nHost: shop\r\n\r\n",
          "GET / HTTP/1.1 \r\nHost: shop\r\n\r\n",
          " GET / HTTP/1.1\r\nHost: shop\r\n\r\n",
          "GET /a b HTTP/1.1\r\nHost: shop\r\n\r\n",
          "GET /a\u0000b HTTP/1.1\r\nHost: shop\r\n\r\n",
          "GET /a\rb HTTP/1.1\r\nHost: shop\r\n\r\n",
          "GET /a\u000bb HTTP/1.1\r\nHost: shop\r\n\r\n",
          "GET / HTTP/1.1\nHost: shop\r\n\r\n",
          "GET / HTTP/1.1\rHost: shop\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: shop\n\r\n",
          "GET / HTTP/1.1\r\nHost: shop\r\nX: a\u0000b\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: shop\r\nX: a\rb\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: shop\r\nX\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: shop\r\n: x\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: shop\r\nX Y: z\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: shop\r\nX(: z\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: shop\r\nX: a\r\n b\r\n\r\n",
          "GET / HTTP/1.1\r\n Host: shop\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: shop\r\nHost: shop\r\n\r\n",
          "GET / HTTP/1.1\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: sh op\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: user@shop\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: shop/x\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: shop:port\r\n\r\n",
          "GET http://other/ HTTP/1.1\r\nHost: shop\r\n\r\n",
          "GET ftp://shop/ HTTP/1.1\r\nHost: shop\r\n\r\n",
          "GET shop HTTP/1.1\r\nHost: shop\r\n\r\n",
          "GET * HTTP/1.1\r\nHost: shop\r\n\r\n",
          "GE(T / HTTP/1.1\r\nHost: shop\r\n\r\n",
          "GET /\r\n\r\n",
          "GET / HTTP/1.2\r\nHost: shop\r\n\r\n",
          "GET / HTTP/2.0\r\nHost: shop\r\n\r\n",
          "GET / HTTP/1,1\r\nHost: shop\r\n\r\n",
          "GET / http/1.1\r\nHost: shop\r\n\r\n",
          "POST / HTTP/1.0\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
          "CONNECT shop:80 HTTP/1.1\r\nHost: shop:80\r\n\r\n");

  static Stream<Arguments> malformedHeads() {
    return bothSides(MALFORMED_HEADS);
  }

  @ParameterizedTest
  @MethodSource("malformedHeads")
  void refusesMalformedHeads(Side side, String head) throws Exception {
    int before = mesh.received().size();
    try (RawClient client = mesh.http1(side)) {
      client.send(head + SMUGGLED_REQUEST);
      assertThat(client.rest()).matches("(?s)HTTP/1\\.1 (4|5)\\d\\d .*").doesNotContain(" 200 ");
    }
    assertThat(mesh.receivedSince(before)).isEmpty();
    mesh.assertUnharmed();
  }
}
