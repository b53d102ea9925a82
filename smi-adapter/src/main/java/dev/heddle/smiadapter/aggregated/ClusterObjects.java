package dev.heddle.smiadapter.aggregated;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.heddle.smiadapter.trafficmetrics.MetricsResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the API server which objects there are, for their metadata alone. So selectors, pages and
 * names mean exactly what they mean for the objects themselves, and nothing is held for kinds that
 * nobody asks about.
 */
final class ClusterObjects implements ObjectSource {

  private static final Logger LOGGER = LoggerFactory.getLogger(ClusterObjects.class);
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final String METADATA =
      "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io";
  private static final String METADATA_LIST =
      "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io";
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int OK = 200;
  private static final int BAD_REQUEST = 400;
  private static final int NOT_FOUND = 404;
  private static final int EXPIRED = 410;

  private final KubernetesClient client;

  ClusterObjects(KubernetesClient client) {
    this.client = client;
  }

  @Override
  public Page list(MetricsResource resource, String namespace, Selection selection)
      throws ApiException {
    Map<String, String> query = new LinkedHashMap<>();
    query.put("labelSelector", selection.labelSelector());
    query.put("fieldSelector", selection.fieldSelector());
    query.put("continue", selection.next());
    query.put("limit", selection.limit() == 0 ? "" : Long.toString(selection.limit()));
    HttpResponse<byte[]> response = ask(path(resource, namespace, ""), query, METADATA_LIST);
    if (response.code() == NOT_FOUND) {
      // The kind is not installed.
      return Page.EMPTY;
    }
    JsonNode list = body(response);
    List<ObjectMetadata> objects = new ArrayList<>();
    list.path("items").forEach(item -> objects.add(metadata(item)));
    JsonNode page = list.path("metadata");
    @Nullable Long remaining =
        page.has("remainingItemCount") ? page.path("remainingItemCount").asLong() : null;
    return new Page(objects, page.path("continue").asText(""), remaining);
  }

  @Override
  public Optional<ObjectMetadata> get(MetricsResource resource, String namespace, String name)
      throws ApiException {
    HttpResponse<byte[]> response = ask(path(resource, namespace, name), Map.of(), METADATA);
    return response.code() == NOT_FOUND ? Optional.empty() : Optional.of(metadata(body(response)));
  }

  private static String path(MetricsResource resource, String namespace, String name) {
    StringBuilder path = new StringBuilder(resource.objectsPath());
    if (!namespace.isEmpty()) {
      path.append("/namespaces/").append(encoded(namespace));
    }
    path.append('/').append(resource.plural());
    if (!name.isEmpty()) {
      path.append('/').append(encoded(name));
    }
    return path.toString();
  }

  private HttpResponse<byte[]> ask(String path, Map<String, String> query, String accept)
      throws ApiException {
    String parameters =
        query.entrySet().stream()
            .filter(parameter -> !parameter.getValue().isEmpty())
            .map(parameter -> parameter.getKey() + "=" + encoded(parameter.getValue()))
            .collect(Collectors.joining("&"));
    URI address = URI.create(client.getMasterUrl().toString()).resolve(path);
    HttpClient http = client.getHttpClient();
    try {
      return http.sendAsync(
              http.newHttpRequestBuilder()
                  .uri(parameters.isEmpty() ? address : URI.create(address + "?" + parameters))
                  .header("Accept", accept)
                  .build(),
              byte[].class)
          .get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ApiException.unavailable("the adapter is ending");
    } catch (ExecutionException | TimeoutException e) {
      LOGGER.warn("The API server did not tell what is at {}", path, e);
      throw ApiException.unavailable("the API server did not tell which objects there are");
    }
  }

  /** What the API server says of a wrong selector or an old page is said to the client. */
  private static JsonNode body(HttpResponse<byte[]> response) throws ApiException {
    JsonNode body;
    try {
      body = JSON.readTree(response.body());
    } catch (IOException e) {
      LOGGER.warn("The API server's answer cannot be read", e);
      throw ApiException.unavailable("the API server's answer cannot be read");
    }
    if (response.code() == OK) {
      return body;
    }
    String message = body.path("message").asText("");
    if (response.code() == BAD_REQUEST || response.code() == EXPIRED) {
      throw new ApiException(response.code(), body.path("reason").asText("BadRequest"), message);
    }
    LOGGER.warn("The API server answers {}: {}", response.code(), message);
    throw ApiException.unavailable("the API server did not tell which objects there are");
  }

  private static ObjectMetadata metadata(JsonNode object) {
    JsonNode metadata = object.path("metadata");
    Map<String, String> labels = new HashMap<>();
    metadata
        .path("labels")
        .properties()
        .forEach(label -> labels.put(label.getKey(), label.getValue().asText()));
    return new ObjectMetadata(
        metadata.path("namespace").asText(""), metadata.path("name").asText(), labels);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
