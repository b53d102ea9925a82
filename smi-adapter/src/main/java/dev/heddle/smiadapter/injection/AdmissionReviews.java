package dev.heddle.smiadapter.injection;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.util.Base64;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers AdmissionReviews ({@code admission.k8s.io/v1}) about new pods. */
final class AdmissionReviews {
  private static final Logger LOGGER = LoggerFactory.getLogger(AdmissionReviews.class);
  private static final String API_VERSION = "admission.k8s.io/v1";
  private static final String KIND = "AdmissionReview";

  private final ObjectMapper mapper;
  private final PodInjector injector;
  private final NamespaceLookup namespaces;
  private final Supplier<Optional<InjectionSettings>> settings;
  private final InjectionMetrics metrics;

  AdmissionReviews(
      ObjectMapper mapper,
      PodInjector injector,
      NamespaceLookup namespaces,
      Supplier<Optional<InjectionSettings>> settings,
      InjectionMetrics metrics) {
    this.mapper = mapper;
    this.injector = injector;
    this.namespaces = namespaces;
    this.settings = settings;
    this.metrics = metrics;
  }

  /**
   * The answer to a review.
   *
   * @throws IOException if the bytes are no review of a pod
   */
  byte[] answer(byte[] review) throws IOException {
    JsonNode root = mapper.readTree(review);
    JsonNode request = root.path("request");
    String uid = request.path("uid").asText("");
    if (!root.path("apiVersion").asText("").equals(API_VERSION)
        || !root.path("kind").asText("").equals(KIND)
        || uid.isEmpty()
        || !request.path("object").isObject()) {
      throw new IOException("the body is no " + KIND + " of " + API_VERSION + " with an object");
    }
    return mapper.writeValueAsBytes(
        response(uid, request.path("namespace").asText(""), decide(request)));
  }

  private Injection decide(JsonNode request) throws IOException {
    if (!request.path("resource").path("resource").asText("").equals("pods")
        || !request.path("operation").asText("").equals("CREATE")
        || !request.path("subResource").asText("").isEmpty()) {
      return new Injection.Unchanged("not the creation of a pod");
    }
    Pod pod;
    try {
      pod = mapper.treeToValue(request.path("object"), Pod.class);
    } catch (JsonProcessingException e) {
      throw new IOException("the object is no pod: " + e.getOriginalMessage(), e);
    }
    String namespace = request.path("namespace").asText("");
    return injector.inject(pod, namespace, () -> namespaces.find(namespace), settings.get());
  }

  private ObjectNode response(String uid, String namespace, Injection injection)
      throws JsonProcessingException {
    ObjectNode review = mapper.createObjectNode();
    review.put("apiVersion", API_VERSION).put("kind", KIND);
    ObjectNode response = review.putObject("response").put("uid", uid);
    switch (injection) {
      case Injection.Patched(var patch) -> {
        metrics.injected();
        response.put("allowed", true).put("patchType", "JSONPatch");
        response.put("patch", Base64.getEncoder().encodeToString(mapper.writeValueAsBytes(patch)));
      }
      case Injection.Unchanged(String reason) -> {
        LOGGER.debug("Pod in {} unchanged: {}", namespace, reason);
        metrics.unchanged();
        response.put("allowed", true);
      }
      case Injection.Refused(String message, boolean retry) -> {
        LOGGER.info("Pod in {} refused: {}", namespace, message);
        metrics.refused();
        response.put("allowed", false);
        response.putObject("status").put("code", retry ? 503 : 400).put("message", message);
      }
    }
    return review;
  }
}
