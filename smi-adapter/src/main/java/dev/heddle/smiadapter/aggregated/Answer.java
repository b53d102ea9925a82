package dev.heddle.smiadapter.aggregated;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * What is sent back.
 *
 * @param code of HTTP
 * @param contentType of the body
 * @param body JSON
 * @param warning a sentence for the user, which kubectl shows; empty for none
 */
record Answer(int code, String contentType, JsonNode body, String warning) {

  private static final String JSON = "application/json";

  static Answer ok(JsonNode body) {
    return new Answer(200, JSON, body, "");
  }

  static Answer of(ApiException failure) {
    ObjectNode status = JsonNodeFactory.instance.objectNode();
    status.put("kind", "Status");
    status.put("apiVersion", "v1");
    status.putObject("metadata");
    status.put("status", "Failure");
    status.put("message", failure.message());
    status.put("reason", failure.reason());
    if (failure.code() == 429) {
      status.putObject("details").put("retryAfterSeconds", 1);
    }
    status.put("code", failure.code());
    return new Answer(failure.code(), JSON, status, "");
  }

  Answer as(String otherContentType) {
    return new Answer(code, otherContentType, body, warning);
  }

  Answer warning(String sentence) {
    return new Answer(code, contentType, body, sentence);
  }
}
