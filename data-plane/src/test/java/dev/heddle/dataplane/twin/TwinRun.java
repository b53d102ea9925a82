package dev.heddle.dataplane.twin;

import static org.awaitility.Awaitility.await;

import dev.heddle.dataplane.twin.TwinCase.Exchange;
import dev.heddle.dataplane.twin.TwinCase.Expectation;
import dev.heddle.dataplane.twin.TwinCase.Received;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.SoftAssertions;
import org.jspecify.annotations.Nullable;

/** One case at one proxy. */
final class TwinRun {

  /** For what comes after the answer, such as a mirrored request. */
  private static final Duration ARRIVAL = Duration.ofSeconds(5);

  /** For what holds in the end. */
  private static final Duration END = Duration.ofSeconds(10);

  private final TwinCase twin;
  private final TwinApps apps;
  private final TwinClient client;
  private int sent;

  TwinRun(TwinCase twin, TwinApps apps) {
    this.twin = twin;
    this.apps = apps;
    this.client = new TwinClient(apps.ports());
  }

  /**
   * Starts the proxy, sends every request, checks everything.
   *
   * @return what came of each request, in order
   */
  List<TwinObservation> run(TwinProxy.Starter starter, Path directory, SoftAssertions softly)
      throws Exception {
    apps.forget();
    Path bootstrap =
        Files.writeString(directory.resolve("bootstrap.yaml"), twin.bootstrap(apps.ports()));
    List<TwinObservation> observations = new ArrayList<>();
    try (TwinProxy proxy = starter.start(bootstrap, directory)) {
      for (Exchange exchange : twin.requests()) {
        InetSocketAddress address = proxy.address(exchange.listenerName());
        observations.addAll(
            exchange.inTheEnd()
                ? inTheEnd(exchange, address, softly)
                : exchange(exchange, address, softly));
      }
      twin.spans().forEach((app, expected) -> TwinSpans.check(apps.named(app), expected, softly));
    }
    return observations;
  }

  private List<TwinObservation> inTheEnd(
      Exchange exchange, InetSocketAddress address, SoftAssertions softly) throws Exception {
    long deadline = System.nanoTime() + END.toNanos();
    while (true) {
      SoftAssertions once = new SoftAssertions();
      List<TwinObservation> observations = exchange(exchange, address, once);
      if (once.wasSuccess() || System.nanoTime() > deadline) {
        softly.assertAlso(once);
        return observations;
      }
    }
  }

  private List<TwinObservation> exchange(
      Exchange exchange, InetSocketAddress address, SoftAssertions softly) throws Exception {
    List<TwinObservation> observations = new ArrayList<>();
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < exchange.times(); i++) {
      String id = Integer.toString(++sent);
      apps.forEach((_, app) -> app.answer(id, exchange.answers(app.name())));
      ids.add(id);
    }
    List<TwinResponse> responses =
        exchange.atOnce() ? together(exchange, ids, address) : inTurn(exchange, ids, address);
    Map<Integer, Integer> statuses = new TreeMap<>();
    Map<String, Integer> shares = new TreeMap<>();
    for (int i = 0; i < ids.size(); i++) {
      String id = ids.get(i);
      TwinResponse response = responses.get(i);
      statuses.merge(response.status(), 1, Integer::sum);
      check(exchange.title(), exchange.expect(), response, softly);
      if (exchange.expect().received() != null) {
        exchange
            .expect()
            .received()
            .forEach((app, expected) -> received(exchange.title(), app, id, expected, softly));
      }
      Map<String, List<TwinApp.Request>> received = new TreeMap<>();
      apps.forEach((name, app) -> {
        List<TwinApp.Request> requests = List.copyOf(app.received(id));
        received.put(name, requests);
        shares.merge(name, requests.isEmpty() ? 0 : 1, Integer::sum);
      });
      observations.add(new TwinObservation(exchange, i, response, received));
    }
    between(exchange.title() + ": share of ", exchange.expect().shares(), shares, softly);
    between(exchange.title() + ": answers with ", exchange.expect().statuses(), statuses, softly);
    spread(exchange, shares, softly);
    return observations;
  }

  private List<TwinResponse> inTurn(Exchange exchange, List<String> ids, InetSocketAddress address)
      throws Exception {
    List<TwinResponse> responses = new ArrayList<>();
    for (String id : ids) {
      responses.add(client.send(exchange.send(), id, responses.size(), address));
    }
    return responses;
  }

  private List<TwinResponse> together(
      Exchange exchange, List<String> ids, InetSocketAddress address) throws Exception {
    List<Callable<TwinResponse>> requests = new ArrayList<>();
    for (String id : ids) {
      int number = requests.size();
      requests.add(() -> client.send(exchange.send(), id, number, address));
    }
    List<TwinResponse> responses = new ArrayList<>();
    try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<TwinResponse> response : clients.invokeAll(requests)) {
        responses.add(response.get());
      }
    }
    return responses;
  }

  private static void spread(
      Exchange exchange, Map<String, Integer> shares, SoftAssertions softly) {
    List<Integer> bounds = exchange.expect().spread();
    if (bounds != null) {
      softly
          .assertThat(shares.values().stream().filter(share -> share > 0).count())
          .as("%s: apps that got requests (%s)", exchange.title(), shares)
          .isBetween((long) bounds.getFirst(), (long) bounds.getLast());
    }
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
      String title, Expectation expected, TwinResponse response, SoftAssertions softly) {
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
    TwinApp app = apps.named(name);
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
}
