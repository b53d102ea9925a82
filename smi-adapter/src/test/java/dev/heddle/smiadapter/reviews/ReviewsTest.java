package dev.heddle.smiadapter.reviews;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.heddle.smiadapter.validation.ForeignTargets;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The reviews as the API server sends and expects them. */
class ReviewsTest {
  private static final String SPLIT =
      """
      {"apiVersion":"split.smi-spec.io/v1alpha1","kind":"TrafficSplit","metadata":{"name":"web","namespace":"shop"},
       "spec":{"service":"web","backends":[{"service":"web-v1","weight":"%s"}]}}
      """;

  private final ObjectMapper mapper = new ObjectMapper();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final ConversionReviews conversions = new ConversionReviews(registry);
  private final ValidationReviews validations =
      new ValidationReviews(() -> ForeignTargets.REFUSED, registry);

  @Test
  void convertsInOrder() throws Exception {
    JsonNode response =
        convert("split.smi-spec.io/v1alpha4", SPLIT.formatted("1"), SPLIT.formatted("2"));

    assertThat(response.path("uid").asText()).isEqualTo("42");
    assertThat(response.at("/result/status").asText()).isEqualTo("Success");
    assertThat(response.at("/convertedObjects/0/spec/backends/0/weight").asInt()).isEqualTo(1);
    assertThat(response.at("/convertedObjects/1/spec/backends/0/weight").asInt()).isEqualTo(2);
    assertThat(counted("heddle_smi_conversions_total", "converted")).isEqualTo(2);
  }

  @Test
  void failsWithASentenceThatNamesTheObject() throws Exception {
    JsonNode response = convert("split.smi-spec.io/v9", SPLIT.formatted("1"));

    assertThat(response.at("/result/status").asText()).isEqualTo("Failure");
    assertThat(response.at("/result/message").asText())
        .startsWith("TrafficSplit shop/web: desiredAPIVersion: split.smi-spec.io/v9 (expected: ");
    assertThat(response.path("convertedObjects")).isEmpty();
    assertThat(counted("heddle_smi_conversions_total", "refused")).isEqualTo(1);
  }

  @Test
  void validates() throws Exception {
    JsonNode accepted = validate(SPLIT.formatted("500m"));
    JsonNode refused = validate(SPLIT.formatted("-1"));

    assertThat(accepted.path("allowed").asBoolean()).isTrue();
    assertThat(accepted.has("patch")).isFalse();
    assertThat(refused.path("allowed").asBoolean()).isFalse();
    assertThat(refused.at("/status/code").asInt()).isEqualTo(422);
    assertThat(refused.at("/status/message").asText()).startsWith("spec.backends[0].weight: -1");
    assertThat(counted("heddle_smi_validations_total", "accepted")).isEqualTo(1);
    assertThat(counted("heddle_smi_validations_total", "refused")).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "[", "{\"kind\":\"ConversionReview\"}"})
  void refusesWhatIsNoReview(String body) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);

    assertThatThrownBy(() -> conversions.answer(bytes)).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> validations.answer(bytes)).isInstanceOf(IOException.class);
  }

  private JsonNode convert(String apiVersion, String... objects) throws IOException {
    String review =
        """
        {"apiVersion":"apiextensions.k8s.io/v1","kind":"ConversionReview","request":{"uid":"42",
         "desiredAPIVersion":"%s","objects":[%s]}}
        """
            .formatted(apiVersion, String.join(",", objects));
    return mapper
        .readTree(conversions.answer(review.getBytes(StandardCharsets.UTF_8)))
        .path("response");
  }

  private JsonNode validate(String object) throws IOException {
    String review =
        """
        {"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"42",
         "operation":"CREATE","namespace":"shop","object":%s}}
        """
            .formatted(object);
    return mapper
        .readTree(validations.answer(review.getBytes(StandardCharsets.UTF_8)))
        .path("response");
  }

  private double counted(String name, String outcome) {
    return registry.get(name).tag("kind", "TrafficSplit").tag("outcome", outcome).counter().count();
  }
}
