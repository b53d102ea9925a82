package dev.heddle.dataplane.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.http.harness.ProxyHarness;
import dev.heddle.dataplane.http.harness.RawClient;
import dev.heddle.dataplane.http.harness.RawServer;
import dev.heddle.dataplane.telemetry.ResponseFlag;
import java.net.InetSocketAddress;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What raw bytes are refused: each is answered once, the connection closes, the server sees
 * nothing.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class Http1StrictnessTest {
  private final RawServer server;
  private final ProxyHarness proxy;
  private final InetSocketAddress address;

  Http1StrictnessTest() throws Exception {
    server = RawServer.answering("x");
    proxy = ProxyHarness.settings().cluster("a", 1, server.address()).start();
    address = proxy.listen(HttpProtocol.HTTP1);
  }

  @BeforeAll
  void serves() throws Exception {
    try (RawClient client = new RawClient(address)) {
      assertThat(client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").response()).contains(" 200 ");
    }
  }

  @AfterAll
  void close() throws Exception {
    proxy.close();
    server.close();
  }

  static Stream<Arguments> refused() {
    String chunked = "Transfer-Encoding: chunked\r\n";
    return Stream.of(
        post("length and coding", 400, "Content-Length: 5\r\n" + chunked, "0\r\n\r\n"),
        post("two lengths", 400, "Content-Length: 5\r\nContent-Length: 6\r\n", "abcde"),
        post("two equal lengths", 400, "Content-Length: 5\r\nContent-Length: 5\r\n", "abcde"),
        post("list of lengths", 400, "Content-Length: 5, 5\r\n", "abcde"),
        post("signed length", 400, "Content-Length: +5\r\n", "abcde"),
        post("negative length", 400, "Content-Length: -5\r\n", "abcde"),
        post("hexadecimal length", 400, "Content-Length: 0x5\r\n", "abcde"),
        post("endless length", 400, "Content-Length: 99999999999999999999\r\n", "abcde"),
        post(
            "coding chunked, identity",
            400,
            "Transfer-Encoding: chunked, identity\r\n",
            "0\r\n\r\n"),
        post("coding identity", 400, "Transfer-Encoding: identity\r\n", ""),
        post("coding gzip, chunked", 400, "Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"),
        post("coding twice", 400, chunked + chunked, "0\r\n\r\n"),
        post(
            "coding with a vertical tab", 400, "Transfer-Encoding: \u000bchunked\r\n", "0\r\n\r\n"),
        post(
            "coding with a space before the colon",
            400,
            "Transfer-Encoding : chunked\r\n",
            "0\r\n\r\n"),
        post("folded coding", 400, "Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n"),
        post("folded header", 400, "X-A: 1\r\n 2\r\n", ""),
        post("folded by tab", 400, "X-A: 1\r\n\t2\r\n", ""),
        post("bare line feed", 400, "X-A: 1\nX-B: 2\r\n", ""),
        post("carriage return in a value", 400, "X-A: 1\r2\r\n", ""),
        post("zero byte in a value", 400, "X-A: 1\u00002\r\n", ""),
        post("zero byte in a name", 400, "X\u0000A: 1\r\n", ""),
        post("space in a name", 400, "X A: 1\r\n", ""),
        post("empty name", 400, ": 1\r\n", ""),
        post("line without colon", 400, "X-A\r\n", ""),
        post("two hosts", 400, "Host: b\r\n", ""),
        post("nominated length", 400, "Connection: content-length\r\nContent-Length: 1\r\n", "a"),
        post("hixie key", 400, "Sec-WebSocket-Key1: 4 @1\r\n", "12345678"),
        post("unknown expectation", 417, "Expect: a cake\r\n", ""),
        line("no host", 400, "GET / HTTP/1.1\r\n\r\n"),
        line(
            "coding in HTTP/1.0",
            400,
            "POST / HTTP/1.0\r\nHost: a\r\n" + chunked + "\r\n0\r\n\r\n"),
        line("host with user", 400, "GET / HTTP/1.1\r\nHost: me@a\r\n\r\n"),
        line("host with path", 400, "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
        line("absolute form of another host", 400, "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n"),
        line("other scheme", 400, "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n"),
        line("two spaces", 400, "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"),
        line("tab in the request line", 400, "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n"),
        line("space in the target", 400, "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"),
        line("fragment", 400, "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n"),
        line("backslash", 400, "GET /a\\b HTTP/1.1\r\nHost: a\r\n\r\n"),
        line("beyond ASCII", 400, "GET /\u00e4 HTTP/1.1\r\nHost: a\r\n\r\n"),
        line("escaped zero", 400, "GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n"),
        line("broken escape", 400, "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n"),
        line("disguised dot segment", 400, "GET /a/..%2fb HTTP/1.1\r\nHost: a\r\n\r\n"),
        line("method with a colon", 400, "GE:T / HTTP/1.1\r\nHost: a\r\n\r\n"),
        line("asterisk with GET", 400, "GET * HTTP/1.1\r\nHost: a\r\n\r\n"),
        line("CONNECT", 405, "CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n"),
        line("HTTP/2.0", 505, "GET / HTTP/2.0\r\nHost: a\r\n\r\n"),
        line("long line", 414, "GET /" + "a".repeat(20_000) + " HTTP/1.1\r\nHost: a\r\n\r\n"),
        post("large headers", 431, "X-A: " + "a".repeat(70_000) + "\r\n", ""),
        post("many headers", 431, "X-A: 1\r\n".repeat(101), ""));
  }

  private static Arguments post(String name, int status, String headers, String body) {
    return Arguments.of(name, status, "POST / HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n" + body);
  }

  private static Arguments line(String name, int status, String bytes) {
    return Arguments.of(name, status, bytes);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refused")
  void refuses(String name, int status, String bytes) throws Exception {
    int before = server.heads().size();
    try (RawClient client = new RawClient(address)) {
      client.send(bytes + "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
      assertThat(client.rest())
          .startsWith("HTTP/1.1 " + status + " ")
          .contains("heddle-error: DPE ")
          .contains("connection: close")
          .doesNotContain(" 200 ");
    }
    assertThat(server.heads()).hasSize(before);
    assertThat(proxy.reports().getLast().flags()).isEqualTo(ResponseFlag.DOWNSTREAM_PROTOCOL_ERROR);
  }

  static Stream<Arguments> refusedBodies() {
    return Stream.of(
        Arguments.of("size with a sign", "+3\r\nabc\r\n0\r\n\r\n"),
        Arguments.of("size overflow", "100000003\r\nabc\r\n0\r\n\r\n"),
        Arguments.of("no size", "\r\nabc\r\n0\r\n\r\n"),
        Arguments.of("bare line feed after the size", "3\nabc\r\n0\r\n\r\n"),
        Arguments.of("no line end after the data", "3\r\nabcX0\r\n\r\n"),
        Arguments.of("bad trailer", "3\r\nabc\r\n0\r\nX A: 1\r\n\r\n"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refusedBodies")
  void refusesBodies(String name, String body) throws Exception {
    try (RawServer sink =
            new RawServer(
                connection -> connection.in().transferTo(java.io.OutputStream.nullOutputStream()));
        ProxyHarness other = ProxyHarness.settings().cluster("a", 1, sink.address()).start();
        RawClient client = new RawClient(other.listen(HttpProtocol.HTTP1))) {
      client.send(
          "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
              + body
              + "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
      assertThat(client.rest()).startsWith("HTTP/1.1 400 ").contains("connection: close");
    }
  }
}
