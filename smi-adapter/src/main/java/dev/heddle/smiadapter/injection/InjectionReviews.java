package dev.heddle.smiadapter.injection;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.heddle.smiadapter.webhook.AdmissionRequest;
import dev.heddle.smiadapter.webhook.WebhookEndpoint;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.util.Base64;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers AdmissionReviews ({@code admission.k8s.io/v1}) about new pods: those that ask for it get
 * a proxy.
 */
public final class InjectionReviews implements WebhookEndpoint {
  private static final Logger LOGGER = LoggerFactory.getLogger(InjectionReviews.class);

  private final ObjectMapper mapper;
  private final PodInjector injector;
  private final NamespaceLookup namespaces;
  private final Supplier<Optional<InjectionSettings>> settings;
  private final InjectionMetrics metrics;

  /**
   * Makes an endpoint.
   *
   * @param meshNamespace whose pods never get a proxy
   * @param settings empty while the mesh is not ready to inject
   */
  public InjectionReviews(
      String meshNamespace,
      NamespaceLookup namespaces,
      Supplier<Optional<InjectionSettings>> settings,
      MeterRegistry registry) {
    // The client's own mapper: it knows the shape of Kubernetes' types.
    this.mapper = new ObjectMapper();
    new KubernetesSerialization(mapper, true);
    this.injector = new PodInjector(meshNamespace, mapper);
    this.namespaces = namespaces;
    this.settings = settings;
    this.metrics = new InjectionMetrics(registry);
  }

  @Override
  public byte[] answer(byte[] review) throws IOException {
    AdmissionRequest request = AdmissionRequest.read(mapper, review);
    return mapper.writeValueAsBytes(response(request, decide(request.body())));
  }

  @Override
  public void failed() {
    metrics.failed();
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

  private ObjectNode response(AdmissionRequest request, Injection injection)
      throws JsonProcessingException {
    ObjectNode review = request.review();
    ObjectNode response = review.withObject("/response");
    String namespace = request.namespace();
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
