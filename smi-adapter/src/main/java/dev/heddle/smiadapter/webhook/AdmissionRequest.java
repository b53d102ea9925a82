package dev.heddle.smiadapter.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;

/**
 * The request of an AdmissionReview ({@code admission.k8s.io/v1}).
 *
 * @param uid what the API server knows it by
 * @param body the request itself; it has an object
 */
public record AdmissionRequest(String uid, JsonNode body) {
  private static final String API_VERSION = "admission.k8s.io/v1";
  private static final String KIND = "AdmissionReview";

  /**
   * Reads a review.
   *
   * @throws IOException if the bytes are no review of an object
   */
  public static AdmissionRequest read(ObjectMapper mapper, byte[] review) throws IOException {
    JsonNode root = mapper.readTree(review);
    JsonNode request = root.path("request");
    String uid = request.path("uid").asText("");
    if (!root.path("apiVersion").asText("").equals(API_VERSION)
        || !root.path("kind").asText("").equals(KIND)
        || uid.isEmpty()
        || !request.path("object").isObject()) {
      throw new IOException("the body is no " + KIND + " of " + API_VERSION + " with an object");
    }
    return new AdmissionRequest(uid, request);
  }

  /** The namespace of the object; empty if it has none. */
  public String namespace() {
    return body.path("namespace").asText("");
  }

  /** A review that holds nothing but a response to this request, to be filled in. */
  public ObjectNode review() {
    ObjectNode review = JsonNodeFactory.instance.objectNode();
    review.put("apiVersion", API_VERSION).put("kind", KIND);
    review.putObject("response").put("uid", uid);
    return review;
  }
}
