package dev.heddle.smiadapter.reviews;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.heddle.smiadapter.conversion.ConversionException;
import dev.heddle.smiadapter.validation.ForeignTargets;
import dev.heddle.smiadapter.validation.Judgement;
import dev.heddle.smiadapter.validation.Mistake;
import dev.heddle.smiadapter.validation.Validation;
import dev.heddle.smiadapter.webhook.AdmissionRequest;
import dev.heddle.smiadapter.webhook.WebhookEndpoint;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers AdmissionReviews ({@code admission.k8s.io/v1}) about objects of the Service Mesh
 * Interface. Objects are admitted or refused as they are, and never changed.
 */
public final class ValidationReviews implements WebhookEndpoint {
  private static final Logger LOGGER = LoggerFactory.getLogger(ValidationReviews.class);
  private static final int INVALID = 422;

  private final JsonMapper mapper =
      JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();
  private final Supplier<ForeignTargets> foreignTargets;
  private final ReviewMetrics metrics;

  /**
   * Makes an endpoint.
   *
   * @param foreignTargets what the mesh says now of targets outside their destination's namespace
   */
  public ValidationReviews(Supplier<ForeignTargets> foreignTargets, MeterRegistry registry) {
    this.foreignTargets = foreignTargets;
    this.metrics =
        new ReviewMetrics(
            registry,
            "heddle_smi_validations_total",
            "Objects of SMI reviewed as they are written");
  }

  @Override
  public byte[] answer(byte[] review) throws IOException {
    AdmissionRequest request = AdmissionRequest.read(mapper, review);
    JsonNode object = request.body().path("object");
    ObjectNode answer = request.review();
    ObjectNode response = answer.withObject("/response");
    Judgement judgement = judge(request, (ObjectNode) object);
    if (judgement.mistakes().isEmpty()) {
      metrics.count(object, "accepted");
      response.put("allowed", true);
    } else {
      String message =
          judgement.mistakes().stream().map(Mistake::text).collect(Collectors.joining("; "));
      LOGGER.info("Refused in {}: {}", request.namespace(), message);
      metrics.count(object, "refused");
      response.put("allowed", false);
      response
          .putObject("status")
          .put("code", INVALID)
          .put("reason", "Invalid")
          .put("message", message);
    }
    if (!judgement.warnings().isEmpty()) {
      ArrayNode warnings = response.putArray("warnings");
      judgement.warnings().forEach(warnings::add);
    }
    return mapper.writeValueAsBytes(answer);
  }

  @Override
  public void failed() {
    metrics.failed();
  }

  private Judgement judge(AdmissionRequest request, ObjectNode object) {
    Optional<ObjectNode> before =
        request.body().path("oldObject") instanceof ObjectNode old
            ? Optional.of(old)
            : Optional.empty();
    try {
      return Validation.judge(object, before, request.namespace(), foreignTargets.get());
    } catch (ConversionException e) {
      return new Judgement(List.of(Mistake.of(String.valueOf(e.getMessage()))), List.of());
    }
  }
}
