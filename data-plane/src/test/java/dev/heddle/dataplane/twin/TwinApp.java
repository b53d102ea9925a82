package dev.heddle.dataplane.twin;

import dev.heddle.dataplane.http.harness.RawServer;
import dev.heddle.dataplane.twin.TwinCase.Answer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** An app that does with each request what the case says, and remembers what it got. */
final class TwinApp implements AutoCloseable {

  /** By which an app knows what a request is about. */
  static final String ID = "twin-id";

  private final String name;
  private final RawServer server;
  private final Map<String, List<Answer>> answers = new ConcurrentHashMap<>();
  private final Map<String, List<Request>> received = new ConcurrentHashMap<>();

  /**
   * A request as it came.
   *
   * @param headers by lower-case name; several values are joined by a comma
   */
  record Request(String method, String path, Map<String, String> headers, String body) {}

  /**
   * Starts an app.
   *
   * @param socket bound; closed with the app
   */
  TwinApp(String name, ServerSocket socket) {
    this.name = name;
    this.server = new RawServer(socket, this::serve);
  }

  String name() {
    return name;
  }

  /** As if it had just been started. */
  void forget() {
    answers.clear();
    received.clear();
  }

  int port() {
    return server.address().getPort();
  }

  void answer(String id, List<Answer> attemptByAttempt) {
    answers.put(id, attemptByAttempt);
  }

  /** What came of a request, attempt by attempt. */
  List<Request> received(String id) {
    return received.getOrDefault(id, List.of());
  }

  private void serve(RawServer.Connection connection) throws IOException {
    for (String head = connection.readHead(); !head.isEmpty(); head = connection.readHead()) {
      Request request = request(head, connection.in());
      String id = request.headers().getOrDefault(ID, "");
      List<Request> attempts = received.computeIfAbsent(id, _ -> new CopyOnWriteArrayList<>());
      attempts.add(request);
      List<Answer> planned = answers.getOrDefault(id, List.of());
      Answer answer =
          planned.isEmpty()
              ? Answer.OWN_NAME
              : planned.get(Math.min(attempts.size(), planned.size()) - 1);
      if (answer.delay() != null) {
        pause(Duration.ofMillis(answer.delay()));
      }
      if (Boolean.TRUE.equals(answer.reset())) {
        connection.reset();
        return;
      }
      connection.send(response(answer, request));
    }
  }

  private static void pause(Duration delay) throws IOException {
    try {
      Thread.sleep(delay);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException();
    }
  }

  private String response(Answer answer, Request request) {
    int status = answer.status() == null ? 200 : answer.status();
    String body = answer.body() == null ? name : answer.body();
    StringBuilder response = new StringBuilder("HTTP/1.1 " + status + " Status\r\n");
    if (answer.headers() != null) {
      answer
          .headers()
          .forEach(
              (header, value) -> response.append(header).append(": ").append(value).append("\r\n"));
    }
    response.append("Content-Length: ").append(body.length()).append("\r\n\r\n");
    return request.method().equals("HEAD") ? response.toString() : response + body;
  }

  private static Request request(String head, InputStream in) throws IOException {
    String[] lines = head.strip().split("\n", -1);
    String[] first = lines[0].split(" ", -1);
    Map<String, String> headers = new TreeMap<>();
    for (int i = 1; i < lines.length; i++) {
      int colon = lines[i].indexOf(':');
      headers.merge(
          lines[i].substring(0, colon).toLowerCase(Locale.ROOT),
          lines[i].substring(colon + 1).strip(),
          (one, other) -> one + "," + other);
    }
    return new Request(first[0], first[1], headers, body(headers, in));
  }

  private static String body(Map<String, String> headers, InputStream in) throws IOException {
    if (headers.containsKey("content-length")) {
      int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
      return new String(in.readNBytes(length), StandardCharsets.ISO_8859_1);
    }
    if (!headers.containsKey("transfer-encoding")) {
      return "";
    }
    StringBuilder body = new StringBuilder();
    for (int size = chunk(in); size > 0; size = chunk(in)) {
      body.append(new String(in.readNBytes(size), StandardCharsets.ISO_8859_1));
      line(in);
    }
    line(in);
    return body.toString();
  }

  private static int chunk(InputStream in) throws IOException {
    return Integer.parseInt(line(in), 16);
  }

  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
      if (c != '\r') {
        line.write(c);
      }
    }
    return line.toString(StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
