package dev.heddle.dataplane.twin;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.assertj.core.api.SoftAssertions;

/**
 * Holds what came of the same requests at two proxies against each other: status, headers and body
 * of each answer, and each request that an app got, also what no expectation names.
 *
 * <p>What differs is called {@code status}, {@code body}, {@code header location} of the answer,
 * and {@code a: attempts}, {@code a: method}, {@code a: path}, {@code a: body}, {@code a: header
 * x-one} of the requests that app {@code a} got. A case names by this what differs on purpose.
 */
final class TwinComparison {

  /** Of every answer: which proxy it is and how long it took. */
  private static final Set<String> OWN_RESPONSE_HEADERS =
      Set.of("date", "server", "x-envoy-upstream-service-time");

  /**
   * Of an answer that the proxy makes itself because something failed: each says why in its own
   * words, Heddle in a header as well.
   */
  private static final Set<String> FAILURE_HEADERS =
      Set.of("heddle-error", "grpc-message", "content-length", "content-type");

  /** Of every request: its own number, and what Envoy says of the connection it came by. */
  private static final Set<String> OWN_REQUEST_HEADERS = Set.of(TwinApp.ID, "x-forwarded-proto");

  private final SoftAssertions softly;

  private TwinComparison(SoftAssertions softly) {
    this.softly = softly;
  }

  static void compare(
      List<TwinObservation> envoy, List<TwinObservation> heddle, SoftAssertions softly) {
    softly.assertThat(heddle).as("requests that were sent").hasSameSizeAs(envoy);
    TwinComparison comparison = new TwinComparison(softly);
    for (int i = 0; i < Math.min(envoy.size(), heddle.size()); i++) {
      if (envoy.get(i).exchange().determined()) {
        comparison.compare(envoy.get(i), heddle.get(i));
      }
    }
  }

  private void compare(TwinObservation envoy, TwinObservation heddle) {
    Difference difference = new Difference(envoy.exchange(), envoy.number());
    TwinResponse one = envoy.response();
    TwinResponse other = heddle.response();
    difference.check("status", one.status(), other.status());
    boolean failure = other.headers().containsKey("heddle-error");
    Set<String> ignored = new HashSet<>(OWN_RESPONSE_HEADERS);
    if (failure) {
      ignored.addAll(FAILURE_HEADERS);
    } else {
      difference.check("body", one.body(), other.body());
    }
    difference.headers("", one.headers(), other.headers(), ignored);
    Set<String> apps = new TreeSet<>(envoy.received().keySet());
    apps.addAll(heddle.received().keySet());
    for (String app : apps) {
      List<TwinApp.Request> ofOne = envoy.received().getOrDefault(app, List.of());
      List<TwinApp.Request> ofOther = heddle.received().getOrDefault(app, List.of());
      difference.check(app + ": attempts", ofOne.size(), ofOther.size());
      for (int i = 0; i < Math.min(ofOne.size(), ofOther.size()); i++) {
        difference.check(app + ": method", ofOne.get(i).method(), ofOther.get(i).method());
        difference.check(app + ": path", ofOne.get(i).path(), ofOther.get(i).path());
        difference.check(app + ": body", ofOne.get(i).body(), ofOther.get(i).body());
        difference.headers(
            app + ": ", ofOne.get(i).headers(), ofOther.get(i).headers(), OWN_REQUEST_HEADERS);
      }
    }
  }

  /** Says what differs in one request, unless the case does. */
  private final class Difference {
    private final TwinCase.Exchange exchange;
    private final int number;

    Difference(TwinCase.Exchange exchange, int number) {
      this.exchange = exchange;
      this.number = number;
    }

    void check(String what, Object envoy, Object heddle) {
      if (!exchange.differences().containsKey(what)) {
        softly
            .assertThat(heddle)
            .as(
                "%s (%s): %s at Heddle as at Envoy, whose answer is first expected",
                exchange.title(), number, what)
            .isEqualTo(envoy);
      }
    }

    void headers(
        String app, Map<String, String> envoy, Map<String, String> heddle, Set<String> ignored) {
      Map<String, String> all = new TreeMap<>(envoy);
      all.putAll(heddle);
      for (String name : all.keySet()) {
        if (!ignored.contains(name)) {
          check(
              app + "header " + name,
              envoy.getOrDefault(name, "absent"),
              heddle.getOrDefault(name, "absent"));
        }
      }
    }
  }
}
