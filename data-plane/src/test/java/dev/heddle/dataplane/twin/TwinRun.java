package dev.heddle.dataplane.twin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.heddle.dataplane.http.harness.RawClient;
import dev.heddle.dataplane.twin.TwinCase.Exchange;
import dev.heddle.dataplane.twin.TwinCase.Expectation;
import dev.heddle.dataplane.twin.TwinCase.Received;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.SoftAssertions;
import org.jspecify.annotations.Nullable;

/** One case at one proxy. */
public final class TwinRun {

  /** For what comes after the answer, such as a mirrored request. */
  private static final Duration ARRIVAL = Duration.ofSeconds(5);

  private final TwinCase twin;
  private final Map<String, TwinApp> apps = new TreeMap<>();
  private final Map<String, Integer> sent = new HashMap<>();

  private TwinRun(TwinCase twin) {
    this.twin = twin;
  }

  /** Starts apps and proxy, sends every request, checks everything. */
  public static void run(TwinCase twin, TwinProxy.Starter starter, Path directory)
      throws Exception {
    new TwinRun(twin).run(starter, directory);
  }

  private void run(TwinProxy.Starter starter, Path directory) throws Exception {
    try {
      Map<String, Integer> ports = new HashMap<>(Map.of(TwinCase.CLOSED, closedPort()));
      for (String name : twin.apps()) {
        TwinApp app = new TwinApp(name);
        app.answer("", twin.unasked().getOrDefault(name, List.of()));
        apps.put(name, app);
        ports.put(name, app.port());
      }
      Path bootstrap =
          Files.writeString(directory.resolve("bootstrap.yaml"), twin.bootstrap(ports));
      SoftAssertions softly = new SoftAssertions();
      try (TwinProxy proxy = starter.start(bootstrap, directory)) {
        for (Exchange exchange : twin.requests()) {
          exchange(exchange, proxy.address(exchange.listenerName()), softly);
        }
      }
      softly.assertAll();
    } finally {
      for (TwinApp app : apps.values()) {
        app.close();
      }
    }
  }

  private static int closedPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private record Response(int status, Map<String, String> headers, String body, long nanos) {}

  private void exchange(Exchange exchange, InetSocketAddress address, SoftAssertions softly)
      throws IOException {
    Map<Integer, Integer> statuses = new TreeMap<>();
    Map<String, Integer> shares = new TreeMap<>();
    for (int i = 0; i < exchange.times(); i++) {
      String id = Integer.toString(sent.merge("id", 1, Integer::sum));
      apps.forEach((name, app) -> app.answer(id, exchange.answers(name)));
      Response response = send(exchange.send(), id, address);
      statuses.merge(response.status(), 1, Integer::sum);
      apps.forEach(
          (name, app) -> shares.merge(name, app.received(id).isEmpty() ? 0 : 1, Integer::sum));
      check(exchange.title(), exchange.expect(), response, softly);
      if (exchange.expect().received() != null) {
        exchange
            .expect()
            .received()
            .forEach((app, expected) -> received(exchange.title(), app, id, expected, softly));
      }
    }
    between(exchange.title() + ": share of ", exchange.expect().shares(), shares, softly);
    between(exchange.title() + ": answers with ", exchange.expect().statuses(), statuses, softly);
  }

  private static <K> void between(
      String title,
      @Nullable Map<K, List<Integer>> bounds,
      Map<K, Integer> counts,
      SoftAssertions softly) {
    if (bounds != null) {
      bounds.forEach((key, bound) ->
          softly
              .assertThat(counts.getOrDefault(key, 0))
              .as(title + key)
              .isBetween(bound.getFirst(), bound.getLast()));
    }
  }

  private static void check(
      String title, Expectation expected, Response response, SoftAssertions softly) {
    if (expected.status() != null) {
      softly
          .assertThat(response.status())
          .as("%s: status (%s)", title, response)
          .isEqualTo(expected.status());
    }
    if (expected.body() != null) {
      softly.assertThat(response.body()).as("%s: body", title).isEqualTo(expected.body());
    }
    if (expected.lasts() != null) {
      softly
          .assertThat(TimeUnit.NANOSECONDS.toMillis(response.nanos()))
          .as("%s: milliseconds", title)
          .isGreaterThanOrEqualTo(expected.lasts());
    }
    headers(
        title + ": response header ",
        expected.headers(),
        expected.absent(),
        response.headers(),
        softly);
  }

  private void received(
      String title, String name, String id, List<Received> expected, SoftAssertions softly) {
    TwinApp app = Objects.requireNonNull(apps.get(name), name);
    if (app.received(id).size() < expected.size()) {
      await()
          .atMost(ARRIVAL)
          .alias(title + ": requests at " + name)
          .until(() -> app.received(id).size() >= expected.size());
    }
    List<TwinApp.Request> requests = app.received(id);
    softly.assertThat(requests).as("%s: requests at %s", title, name).hasSameSizeAs(expected);
    for (int i = 0; i < Math.min(requests.size(), expected.size()); i++) {
      String what = title + ": request " + (i + 1) + " at " + name + ": ";
      Received wanted = expected.get(i);
      TwinApp.Request request = requests.get(i);
      if (wanted.method() != null) {
        softly.assertThat(request.method()).as(what + "method").isEqualTo(wanted.method());
      }
      if (wanted.path() != null) {
        softly.assertThat(request.path()).as(what + "path").isEqualTo(wanted.path());
      }
      if (wanted.body() != null) {
        softly.assertThat(request.body()).as(what + "body").isEqualTo(wanted.body());
      }
      headers(what + "header ", wanted.headers(), wanted.absent(), request.headers(), softly);
    }
  }

  private static void headers(
      String title,
      @Nullable Map<String, String> expected,
      @Nullable List<String> absent,
      Map<String, String> headers,
      SoftAssertions softly) {
    if (expected != null) {
      expected.forEach((name, value) -> {
        String actual = headers.get(name);
        if (value.startsWith("~")) {
          softly.assertThat(actual).as(title + name).isNotNull().matches(value.substring(1));
        } else {
          softly.assertThat(actual).as(title + name).isEqualTo(value);
        }
      });
    }
    if (absent != null) {
      absent.forEach(name -> softly.assertThat(headers).as(title + name).doesNotContainKey(name));
    }
  }

  private static Response send(TwinCase.Request request, String id, InetSocketAddress address)
      throws IOException {
    String method = request.method() == null ? "GET" : request.method();
    StringBuilder head =
        new StringBuilder(method)
            .append(' ')
            .append(request.path() == null ? "/" : request.path())
            .append(" HTTP/1.1\r\nHost: ")
            .append(request.host() == null ? "shop.example" : request.host())
            .append("\r\n" + TwinApp.ID + ": ")
            .append(id)
            .append("\r\n");
    if (request.headers() != null) {
      request
          .headers()
          .forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
    }
    String body = request.body() == null ? "" : request.body();
    if (!body.isEmpty()) {
      head.append("Content-Length: ").append(body.length()).append("\r\n");
    }
    try (RawClient client = new RawClient(address)) {
      long start = System.nanoTime();
      client.send(head + "\r\n" + body);
      String text = client.response();
      return response(text, System.nanoTime() - start);
    }
  }

  private static Response response(String text, long nanos) {
    int end = text.indexOf("\r\n\r\n");
    assertThat(end).as("the end of the head in %s", text).isPositive();
    String[] lines = text.substring(0, end).split("\r\n", -1);
    Map<String, String> headers = new TreeMap<>();
    for (int i = 1; i < lines.length; i++) {
      int colon = lines[i].indexOf(':');
      headers.merge(
          lines[i].substring(0, colon).toLowerCase(Locale.ROOT),
          lines[i].substring(colon + 1).strip(),
          (one, other) -> one + "," + other);
    }
    return new Response(
        Integer.parseInt(lines[0].split(" ", -1)[1]), headers, text.substring(end + 4), nanos);
  }
}
