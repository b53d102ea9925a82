package dev.heddle.smiadapter.aggregated;

import dev.heddle.smiadapter.trafficmetrics.MetricsResource;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What a path of this API means. */
sealed interface ApiPath {

  /** The group of the API. */
  String GROUP = "metrics.smi-spec.io";

  /** The versions, the one that clients prefer first. */
  List<String> VERSIONS = List.of("v1alpha2", "v1alpha1");

  /** Whether the server is well: answered for anybody. */
  record Health() implements ApiPath {}

  /** {@code /apis}. */
  record Groups() implements ApiPath {}

  /** {@code /apis/metrics.smi-spec.io}. */
  record Group() implements ApiPath {}

  /** The resources of a version. */
  record Resources(String version) implements ApiPath {}

  /**
   * Objects of a resource.
   *
   * @param namespace empty for all, and for resources that are in none
   * @param name empty for all
   */
  record Objects(String version, MetricsResource resource, String namespace, String name)
      implements ApiPath {}

  /** The edges of an object. */
  record Edges(String version, MetricsResource resource, String namespace, String name)
      implements ApiPath {}

  /** Nothing. */
  record Unknown() implements ApiPath {}

  /** Reads a path that is decoded. */
  static ApiPath parse(String path) {
    List<String> parts =
        Arrays.stream(path.split("/", -1)).filter(part -> !part.isEmpty()).toList();
    if (parts.size() == 1 && List.of("healthz", "readyz", "livez").contains(parts.getFirst())) {
      return new Health();
    }
    if (parts.isEmpty() || !parts.getFirst().equals("apis")) {
      return new Unknown();
    }
    if (parts.size() == 1) {
      return new Groups();
    }
    if (!parts.get(1).equals(GROUP)) {
      return new Unknown();
    }
    if (parts.size() == 2) {
      return new Group();
    }
    String version = parts.get(2);
    if (!VERSIONS.contains(version)) {
      return new Unknown();
    }
    return parts.size() == 3
        ? new Resources(version)
        : ofVersion(version, parts.subList(3, parts.size()));
  }

  private static ApiPath ofVersion(String version, List<String> parts) {
    boolean edges = parts.size() > 1 && parts.getLast().equals("edges");
    List<String> object = edges ? parts.subList(0, parts.size() - 1) : parts;
    boolean namespaced = object.size() > 2 && object.getFirst().equals("namespaces");
    String namespace = namespaced ? object.get(1) : "";
    List<String> rest = namespaced ? object.subList(2, object.size()) : object;
    Optional<MetricsResource> resource = MetricsResource.of(rest.getFirst());
    if (rest.size() > 2
        || resource.isEmpty()
        || (namespaced && !resource.get().namespaced())
        || (!namespaced && resource.get().namespaced() && rest.size() == 2)) {
      return new Unknown();
    }
    String name = rest.size() == 2 ? rest.get(1) : "";
    if (!edges) {
      return new Objects(version, resource.get(), namespace, name);
    }
    return name.isEmpty() || !resource.get().hasEdges()
        ? new Unknown()
        : new Edges(version, resource.get(), namespace, name);
  }

  /**
   * What a request to this path does. It must be what the API server itself makes of the path
   * (k8s.io/apiserver/pkg/endpoints/request/requestinfo.go), which asks first.
   *
   * @param method of HTTP
   * @param path as it was sent
   */
  default Attributes attributes(String method, String path) {
    return switch (this) {
      case Objects(String version, MetricsResource resource, String namespace, String name) ->
          new Attributes.OfResource(
              name.isEmpty() ? "list" : "get",
              version,
              resource.plural(),
              "",
              resource == MetricsResource.NAMESPACES ? name : namespace,
              name);
      // To the API server "edges" is a resource in that namespace.
      case Edges(String version, MetricsResource resource, String _, String name)
          when resource == MetricsResource.NAMESPACES ->
          new Attributes.OfResource("list", version, "edges", "", name, "");
      case Edges(String version, MetricsResource resource, String namespace, String name) ->
          new Attributes.OfResource("get", version, resource.plural(), "edges", namespace, name);
      case Health _, Groups _, Group _, Resources _, Unknown _ ->
          new Attributes.OfPath(method.toLowerCase(Locale.ROOT), path);
    };
  }
}
