package dev.heddle.smiadapter.reviews;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.heddle.smiadapter.conversion.Conversion;
import dev.heddle.smiadapter.conversion.ConversionException;
import dev.heddle.smiadapter.webhook.WebhookEndpoint;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers ConversionReviews ({@code apiextensions.k8s.io/v1}) about objects of the Service Mesh
 * Interface. One object that cannot be converted fails its review, as the API server asks.
 */
public final class ConversionReviews implements WebhookEndpoint {
  private static final Logger LOGGER = LoggerFactory.getLogger(ConversionReviews.class);
  private static final String API_VERSION = "apiextensions.k8s.io/v1";
  private static final String KIND = "ConversionReview";

  private final JsonMapper mapper =
      JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();
  private final ReviewMetrics metrics;

  public ConversionReviews(MeterRegistry registry) {
    this.metrics =
        new ReviewMetrics(
            registry, "heddle_smi_conversions_total", "Objects converted among versions of SMI");
  }

  @Override
  public byte[] answer(byte[] review) throws IOException {
    JsonNode root = mapper.readTree(review);
    JsonNode request = root.path("request");
    if (!root.path("apiVersion").asText("").equals(API_VERSION)
        || !root.path("kind").asText("").equals(KIND)
        || request.path("uid").asText("").isEmpty()
        || !request.path("objects").isArray()) {
      throw new IOException("the body is no " + KIND + " of " + API_VERSION + " with objects");
    }
    ObjectNode answer = mapper.createObjectNode();
    answer.put("apiVersion", API_VERSION).put("kind", KIND);
    ObjectNode response = answer.putObject("response").put("uid", request.path("uid").textValue());
    try {
      ArrayNode converted =
          converted(request.path("objects"), request.path("desiredAPIVersion").asText(""));
      response.set("convertedObjects", converted);
      response.putObject("result").put("status", "Success");
    } catch (ConversionException e) {
      LOGGER.info("Not converted: {}", e.getMessage());
      response.putArray("convertedObjects");
      response.putObject("result").put("status", "Failure").put("message", e.getMessage());
    }
    return mapper.writeValueAsBytes(answer);
  }

  @Override
  public void failed() {
    metrics.failed();
  }

  private ArrayNode converted(JsonNode objects, String apiVersion) throws ConversionException {
    ArrayNode converted = mapper.createArrayNode();
    for (JsonNode object : objects) {
      if (!(object instanceof ObjectNode convertible)) {
        throw new ConversionException("objects: " + object.getNodeType() + " (expected: objects)");
      }
      try {
        converted.add(Conversion.convert(convertible, apiVersion));
        metrics.count(object, "converted");
      } catch (ConversionException e) {
        metrics.count(object, "refused");
        throw new ConversionException(name(object) + ": " + e.getMessage(), e);
      }
    }
    return converted;
  }

  private static String name(JsonNode object) {
    return object.path("kind").asText("object")
        + " "
        + object.path("metadata").path("namespace").asText("")
        + "/"
        + object.path("metadata").path("name").asText("");
  }
}
