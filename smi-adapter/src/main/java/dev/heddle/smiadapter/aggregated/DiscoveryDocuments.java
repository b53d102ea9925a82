package dev.heddle.smiadapter.aggregated;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.heddle.smiadapter.trafficmetrics.MetricsResource;

/**
 * What tells clients which resources there are. The singular of a resource is its plural: the
 * singulars of the kinds belong to the kinds, and without any a client would make one of {@code
 * TrafficMetrics} for all of them.
 */
final class DiscoveryDocuments {

  /** The media type of {@link #aggregated}. */
  static final String AGGREGATED_TYPE =
      "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final String KIND = "TrafficMetrics";
  private static final String LIST_KIND = "TrafficMetricsList";
  private static final String SHORT_NAME = "tm";

  private DiscoveryDocuments() {}

  /** An {@code APIGroupList}. */
  static ObjectNode groups() {
    ObjectNode list = JSON.objectNode();
    list.put("kind", "APIGroupList");
    list.put("apiVersion", "v1");
    list.putArray("groups").add(group());
    return list;
  }

  /** An {@code APIGroup}. */
  static ObjectNode group() {
    ObjectNode group = JSON.objectNode();
    group.put("kind", "APIGroup");
    group.put("apiVersion", "v1");
    group.put("name", ApiPath.GROUP);
    ArrayNode versions = group.putArray("versions");
    ApiPath.VERSIONS.forEach(version -> version(versions.addObject(), version));
    version(group.putObject("preferredVersion"), ApiPath.VERSIONS.getFirst());
    return group;
  }

  /** An {@code APIResourceList}. */
  static ObjectNode resources(String version) {
    ObjectNode list = JSON.objectNode();
    list.put("kind", "APIResourceList");
    list.put("apiVersion", "v1");
    list.put("groupVersion", ApiPath.GROUP + "/" + version);
    ArrayNode resources = list.putArray("resources");
    for (MetricsResource resource : MetricsResource.values()) {
      ObjectNode entry =
          resources
              .addObject()
              .put("name", resource.plural())
              .put("singularName", resource.plural())
              .put("namespaced", resource.namespaced())
              .put("kind", KIND);
      verbs(entry, "get", "list");
      shortNames(entry, resource);
      if (resource.hasEdges()) {
        verbs(
            resources
                .addObject()
                .put("name", resource.plural() + "/edges")
                .put("singularName", "")
                .put("namespaced", resource.namespaced())
                .put("kind", LIST_KIND),
            "get");
      }
    }
    return list;
  }

  /** An {@code APIGroupDiscoveryList}: all of the above in one document. */
  static ObjectNode aggregated() {
    ObjectNode list = JSON.objectNode();
    list.put("kind", "APIGroupDiscoveryList");
    list.put("apiVersion", "apidiscovery.k8s.io/v2");
    list.putObject("metadata");
    ObjectNode group = list.putArray("items").addObject();
    group.putObject("metadata").put("name", ApiPath.GROUP);
    ArrayNode versions = group.putArray("versions");
    for (String version : ApiPath.VERSIONS) {
      ObjectNode entry = versions.addObject().put("version", version).put("freshness", "Current");
      ArrayNode resources = entry.putArray("resources");
      for (MetricsResource resource : MetricsResource.values()) {
        aggregated(resources.addObject(), version, resource);
      }
    }
    return list;
  }

  private static void aggregated(ObjectNode entry, String version, MetricsResource resource) {
    entry.put("resource", resource.plural());
    entry.set("responseKind", responseKind(version, KIND));
    entry.put("scope", resource.namespaced() ? "Namespaced" : "Cluster");
    entry.put("singularResource", resource.plural());
    verbs(entry, "get", "list");
    shortNames(entry, resource);
    if (resource.hasEdges()) {
      ObjectNode edges = entry.putArray("subresources").addObject().put("subresource", "edges");
      edges.set("responseKind", responseKind(version, LIST_KIND));
      verbs(edges, "get");
    }
  }

  private static ObjectNode responseKind(String version, String kind) {
    return JSON.objectNode().put("group", ApiPath.GROUP).put("version", version).put("kind", kind);
  }

  private static void version(ObjectNode entry, String version) {
    entry.put("groupVersion", ApiPath.GROUP + "/" + version).put("version", version);
  }

  private static void verbs(ObjectNode entry, String... verbs) {
    ArrayNode list = entry.putArray("verbs");
    for (String verb : verbs) {
      list.add(verb);
    }
  }

  private static void shortNames(ObjectNode entry, MetricsResource resource) {
    if (resource == MetricsResource.TRAFFICMETRICS) {
      entry.putArray("shortNames").add(SHORT_NAME);
    }
  }
}
