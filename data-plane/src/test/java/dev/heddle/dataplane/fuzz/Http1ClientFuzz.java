package dev.heddle.dataplane.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.fuzz.StrictHttp1.Header;
import dev.heddle.dataplane.fuzz.StrictHttp1.Message;
import dev.heddle.dataplane.http.harness.EmbeddedConnection;
import dev.heddle.dataplane.http.harness.EmbeddedProxy;
import dev.heddle.dataplane.http.harness.ProxyHarness;
import dev.heddle.dataplane.telemetry.RequestReport;
import java.util.Comparator;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * The input is all that a client of HTTP/1 sends. What is forwarded is strict and allowed, is the
 * same in whatever pieces the input arrives, and a second proxy forwards it unchanged.
 */
final class Http1ClientFuzz {

  private record Outcome(List<Message> forwarded, boolean clientAlive) {}

  private Http1ClientFuzz() {}

  static void check(byte[] input) {
    Outcome whole = proxied(input, Pieces::whole);
    Outcome pieces = proxied(input, Pieces::small);
    same(whole, pieces, "in one piece and in many");
    StringBuilder again = new StringBuilder();
    whole.forwarded().forEach(message -> again.append(text(message)));
    Outcome second = proxied(again.toString().getBytes(ISO_8859_1), Pieces::whole);
    if (!withoutOrder(second).equals(withoutOrder(whole))) {
      throw differ("by one proxy and by two", whole, second);
    }
  }

  private static Outcome proxied(byte[] input, BiConsumer<byte[], EmbeddedConnection> arrival) {
    ForwardedRequests server = new ForwardedRequests();
    try (EmbeddedProxy proxy =
        new EmbeddedProxy(
            ProxyHarness.settings().retries(0).policy(ForwardedRequests.POLICY),
            HttpProtocol.HTTP1,
            server)) {
      arrival.accept(input, proxy.client());
      proxy.settle();
      boolean alive = proxy.client().alive();
      List<String> methods = proxy.reports().stream().map(RequestReport::method).toList();
      StrictHttp1.responses(proxy.client().received(), methods, !alive);
      proxy.client().disappear();
      proxy.settle();
      server.judgeRest(proxy);
      return new Outcome(server.complete(), alive);
    }
  }

  /**
   * A connection that is cut, because its client broke a bound, may be cut earlier or later; up to
   * there it is the same.
   */
  private static void same(Outcome one, Outcome other, String how) {
    List<Message> a = one.forwarded();
    List<Message> b = other.forwarded();
    int common = Math.min(a.size(), b.size());
    boolean bothWhole = one.clientAlive() && other.clientAlive();
    if (!a.subList(0, common).equals(b.subList(0, common)) || (bothWhole && a.size() != b.size())) {
      throw differ(how, one, other);
    }
  }

  private static AssertionError differ(String how, Outcome one, Outcome other) {
    return new AssertionError(
        "forwarded " + how + ":\n" + one.forwarded() + "\n" + other.forwarded());
  }

  /** In which order headers of different names come makes no difference (RFC 9110, 5.3). */
  private static List<Message> withoutOrder(Outcome outcome) {
    return outcome.forwarded().stream()
        .map(message ->
            new Message(
                message.startLine(),
                message.headers().stream().sorted(Comparator.comparing(Header::name)).toList(),
                message.body(),
                message.trailers(),
                message.complete()))
        .toList();
  }

  /** The request as a client could have sent it. */
  private static String text(Message message) {
    StringBuilder text = new StringBuilder(message.startLine()).append("\r\n");
    message
        .headers()
        .forEach(header ->
            text.append(header.name()).append(": ").append(header.value()).append("\r\n"));
    text.append("\r\n");
    if (message.all("transfer-encoding").isEmpty()) {
      return text.append(message.body()).toString();
    }
    if (!message.body().isEmpty()) {
      text.append(Integer.toHexString(message.body().length()))
          .append("\r\n")
          .append(message.body())
          .append("\r\n");
    }
    text.append("0\r\n");
    message
        .trailers()
        .forEach(trailer ->
            text.append(trailer.name()).append(": ").append(trailer.value()).append("\r\n"));
    return text.append("\r\n").toString();
  }
}
