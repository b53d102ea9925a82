package dev.heddle.dataplane.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.google.re2j.Pattern;
import dev.heddle.dataplane.config.AccessPolicy;
import dev.heddle.dataplane.config.RouteConfiguration.HeaderMatch;
import dev.heddle.dataplane.config.RouteConfiguration.PathMatch;
import dev.heddle.dataplane.config.RouteConfiguration.RouteMatch;
import dev.heddle.dataplane.config.RouteConfiguration.ValueMatch;
import dev.heddle.dataplane.fuzz.StrictHttp1.Message;
import dev.heddle.dataplane.http.harness.EmbeddedConnection;
import dev.heddle.dataplane.http.harness.EmbeddedProxy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * An HTTP/1 server that reads strictly, answers each request at once, and judges what the proxy
 * forwarded: well-formed, nothing left that belongs to one connection or to the mesh, and allowed
 * by the policy when it is read from the forwarded bytes.
 */
final class ForwardedRequests implements EmbeddedProxy.Server {
  /** Lets through what is for the public. */
  static final AccessPolicy POLICY =
      new AccessPolicy(
          List.of(
              rule(new PathMatch.Exact("/"), List.of()),
              rule(new PathMatch.Prefix("/open/"), List.of()),
              rule(new PathMatch.Regex(Pattern.compile("/v[0-9]+/[^/]*")), List.of()),
              rule(
                  new PathMatch.Prefix("/guarded"),
                  List.of(
                      new HeaderMatch(":method", new ValueMatch.Exact("GET"), false),
                      new HeaderMatch("x-role", new ValueMatch.Exact("admin"), false)))));

  private static final Set<String> OF_ONE_CONNECTION =
      Set.of("keep-alive", "proxy-connection", "http2-settings", "trailer");

  private final Map<EmbeddedConnection, Integer> answered = new HashMap<>();
  private final List<Message> complete = new ArrayList<>();

  private static AccessPolicy.Rule rule(PathMatch path, List<HeaderMatch> headers) {
    return new AccessPolicy.Rule("rule", List.of(), List.of(), new RouteMatch(path, headers));
  }

  /** In the order in which they became complete. */
  List<Message> complete() {
    return complete;
  }

  @Override
  public void written(int index, EmbeddedConnection connection) {
    List<Message> requests = StrictHttp1.requests(connection.received());
    int before = answered.getOrDefault(connection, 0);
    for (Message request : requests.subList(Math.min(before, requests.size()), requests.size())) {
      if (!request.complete()) {
        break;
      }
      judge(request);
      complete.add(request);
      answered.merge(connection, 1, Integer::sum);
      connection.send(answer(request));
    }
  }

  private static byte[] answer(Message request) {
    String answer =
        request.webSocket()
            ? "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
            : "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
                + (request.method().equals("HEAD") ? "" : "ok");
    return answer.getBytes(ISO_8859_1);
  }

  private static void judge(Message request) {
    for (StrictHttp1.Header header : request.headers()) {
      String name = header.name();
      boolean kept =
          switch (name) {
            case "connection" -> header.value().equals("upgrade") || header.value().equals("te");
            case "upgrade" -> header.value().equals("websocket");
            case "te" -> header.value().equals("trailers");
            default ->
                !OF_ONE_CONNECTION.contains(name)
                    && !name.startsWith("heddle-")
                    && !name.equals("x-forwarded-client-cert");
          };
      require(kept, request);
    }
    for (StrictHttp1.Header trailer : request.trailers()) {
      require(!trailer.name().startsWith("heddle-") && !trailer.name().equals("host"), request);
    }
    require(IndependentPolicy.allows(request), request);
  }

  private static void require(boolean holds, Message request) {
    if (!holds) {
      throw new AssertionError("forwarded: " + request);
    }
  }

  /** What is incomplete may only be the last thing on a connection that will not be used again. */
  void judgeRest(EmbeddedProxy proxy) {
    for (EmbeddedConnection connection : proxy.servers()) {
      List<Message> requests = StrictHttp1.requests(connection.received());
      boolean cut = !requests.isEmpty() && !requests.getLast().complete();
      if (cut && connection.alive()) {
        throw new AssertionError("a connection in the middle of a request is kept: " + requests);
      }
    }
  }
}
