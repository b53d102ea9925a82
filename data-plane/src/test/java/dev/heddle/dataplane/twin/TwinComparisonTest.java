package dev.heddle.dataplane.twin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.dataplane.twin.TwinCase.Exchange;
import dev.heddle.dataplane.twin.TwinCase.Expectation;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;

/** A comparison that cannot fail compares nothing. */
final class TwinComparisonTest {

  private static final TwinApp.Request REQUEST =
      new TwinApp.Request("GET", "/", Map.of("host", "shop.example"), "");

  private static final TwinResponse RESPONSE =
      new TwinResponse(200, Map.of("x-one", "1", "server", "envoy"), "a", 5);

  private static final TwinObservation ENVOY = observed(RESPONSE, List.of(REQUEST), Map.of());

  private static TwinObservation observed(
      TwinResponse response, List<TwinApp.Request> received, Map<String, String> differs) {
    return new TwinObservation(
        new Exchange(
            "it",
            null,
            null,
            null,
            null,
            new TwinCase.Request(null, null, null, null, null, null, null, null),
            null,
            new Expectation(null, null, null, null, null, null, null, null, null),
            differs),
        0,
        response,
        Map.of("a", received));
  }

  private static List<String> differences(TwinObservation heddle) {
    SoftAssertions softly = new SoftAssertions();
    TwinComparison.compare(List.of(ENVOY), List.of(heddle), softly);
    return softly.errorsCollected().stream()
        .map(error ->
            String.valueOf(error.getMessage())
                .replaceAll("(?s)^\\[it \\(0\\): (.*) at Heddle.*", "$1"))
        .toList();
  }

  private static List<String> differencesOfRequest(UnaryOperator<TwinApp.Request> changed) {
    return differences(observed(RESPONSE, List.of(changed.apply(REQUEST)), Map.of()));
  }

  @Test
  void theSameIsTheSame() {
    TwinResponse response =
        new TwinResponse(200, Map.of("x-one", "1", "server", "heddle", "date", "today"), "a", 7);
    assertThat(differences(observed(response, List.of(REQUEST), Map.of()))).isEmpty();
  }

  @Test
  void answersAreComparedWhole() {
    TwinResponse response = new TwinResponse(201, Map.of("x-two", "1"), "b", 5);
    assertThat(differences(observed(response, List.of(REQUEST), Map.of())))
        .containsExactlyInAnyOrder("status", "body", "header x-one", "header x-two");
  }

  @Test
  void failuresAreComparedButForTheirWords() {
    TwinResponse response =
        new TwinResponse(503, Map.of("heddle-error", "UH", "x-one", "2"), "words", 5);
    assertThat(differences(observed(response, List.of(REQUEST), Map.of())))
        .containsExactlyInAnyOrder("status", "header x-one");
  }

  @Test
  void whatAppsGetIsComparedWhole() {
    assertThat(differences(observed(RESPONSE, List.of(), Map.of()))).containsExactly("a: attempts");
    assertThat(differences(observed(RESPONSE, List.of(REQUEST, REQUEST), Map.of())))
        .containsExactly("a: attempts");
    assertThat(
            differencesOfRequest(request ->
                new TwinApp.Request("POST", "/x", Map.of("host", "other", "x-more", "1"), "b")))
        .containsExactlyInAnyOrder(
            "a: method", "a: path", "a: body", "a: header host", "a: header x-more");
  }

  @Test
  void whatTheCaseNamesMayDiffer() {
    TwinResponse response = new TwinResponse(201, Map.of("x-one", "2"), "a", 5);
    TwinObservation envoy = observed(RESPONSE, List.of(REQUEST), Map.of("status", "on purpose"));
    SoftAssertions softly = new SoftAssertions();
    TwinComparison.compare(
        List.of(envoy), List.of(observed(response, List.of(REQUEST), Map.of())), softly);
    assertThat(softly.errorsCollected())
        .singleElement()
        .satisfies(error -> assertThat(error).hasMessageContaining("header x-one"));
  }

  @Test
  void aRequestThatWasNotSentIsADifference() {
    SoftAssertions softly = new SoftAssertions();
    TwinComparison.compare(List.of(ENVOY), List.of(), softly);
    assertThat(softly.errorsCollected()).hasSize(1);
  }
}
