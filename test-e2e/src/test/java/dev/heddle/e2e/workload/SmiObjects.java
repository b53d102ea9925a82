package dev.heddle.e2e.workload;

import dev.heddle.crds.CustomResourceDefinitions;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionVersion;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** An object of every kind and version of the Service Mesh Interface, as its clients write them. */
public final class SmiObjects {

  /**
   * A kind, with all its versions.
   *
   * @param group its API group
   * @param kind its name
   * @param plural its name in URLs
   * @param versions the versions served, the newest first
   */
  public record Kind(String group, String kind, String plural, List<String> versions) {
    /** The name of its definition. */
    public String definition() {
      return plural + "." + group;
    }

    public String newest() {
      return versions.getFirst();
    }

    public String oldest() {
      return versions.getLast();
    }

    /** An object named {@code sample}, with everything that the version has. */
    public GenericKubernetesResource object(String version) {
      return Serialization.unmarshal(
          "apiVersion: %s/%s\nkind: %s\nmetadata: {name: sample}\n%s"
              .formatted(group, version, kind, fields(kind, version)),
          GenericKubernetesResource.class);
    }
  }

  private SmiObjects() {}

  /** Every kind that the definitions list. */
  public static List<Kind> kinds() {
    return CustomResourceDefinitions.all().stream()
        .filter(definition -> definition.getSpec().getGroup().endsWith(".smi-spec.io"))
        .map(SmiObjects::kind)
        .toList();
  }

  /** The manifest of a definition, as it is installed. */
  public static String definition(String name) {
    String file = CustomResourceDefinitions.FOLDER + name + ".yaml";
    try (InputStream manifest = CustomResourceDefinitions.class.getResourceAsStream(file)) {
      if (manifest == null) {
        throw new AssertionError(file + ": not on the class path");
      }
      return new String(manifest.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(file, e);
    }
  }

  /** The kind of a name. */
  public static Kind kind(String name) {
    return kinds().stream().filter(kind -> kind.kind().equals(name)).findFirst().orElseThrow();
  }

  private static Kind kind(CustomResourceDefinition definition) {
    return new Kind(
        definition.getSpec().getGroup(),
        definition.getSpec().getNames().getKind(),
        definition.getSpec().getNames().getPlural(),
        definition.getSpec().getVersions().stream()
            .map(CustomResourceDefinitionVersion::getName)
            .toList());
  }

  private static String fields(String kind, String version) {
    return switch (kind + " " + version) {
      case "TrafficSplit v1alpha1" ->
          """
          spec:
            service: web
            backends: [{service: web-v1, weight: "1"}, {service: web-v2, weight: 500m}]
          """;
      case "TrafficSplit v1alpha2" ->
          """
          spec:
            service: web
            backends: [{service: web-v1, weight: 90}, {service: web-v2, weight: 10}]
          """;
      case "TrafficSplit v1alpha3", "TrafficSplit v1alpha4" ->
          """
          spec:
            service: web
            backends: [{service: web-v1, weight: 0}, {service: web-v2, weight: 100}]
            matches: [{apiGroup: specs.smi-spec.io, kind: HTTPRouteGroup, name: firefox}]
          """;
      case "TrafficTarget v1alpha1" ->
          """
          destination: {kind: ServiceAccount, name: api, port: "9091"}
          sources: [{kind: ServiceAccount, name: web, namespace: front}]
          specs: [{kind: HTTPRouteGroup, name: api, matches: [read]}, {kind: TCPRoute, name: api}]
          """;
      case "TrafficTarget v1alpha2" ->
          """
          spec:
            destination: {kind: ServiceAccount, name: api, port: 9091}
            sources: [{kind: ServiceAccount, name: web, namespace: front}]
            rules: [{kind: HTTPRouteGroup, name: api, matches: [read]}]
          """;
      case "TrafficTarget v1alpha3" ->
          """
          spec:
            destination: {kind: ServiceAccount, name: api}
            sources: [{kind: ServiceAccount, name: web, namespace: front}]
            rules: [{kind: TCPRoute, name: api}, {kind: UDPRoute, name: dns}]
          """;
      case "HTTPRouteGroup v1alpha1" ->
          """
          matches: [{name: read, pathRegex: /items.*, methods: [GET, HEAD]}]
          """;
      case "HTTPRouteGroup v1alpha2" ->
          """
          matches: [{name: firefox, headers: [{user-agent: .*Firefox.*}, {x-debug: "1"}]}]
          """;
      case "HTTPRouteGroup v1alpha3", "HTTPRouteGroup v1alpha4" ->
          """
          spec:
            matches:
              - {name: firefox, methods: ["*"], headers: {user-agent: .*Firefox.*, x-debug: "1"}}
              - {name: read, pathRegex: /items.*}
          """;
      case "TCPRoute v1alpha1", "TCPRoute v1alpha2" -> "";
      case "TCPRoute v1alpha3" -> "spec: {}\n";
      case "TCPRoute v1alpha4", "UDPRoute v1alpha4" ->
          """
          spec:
            matches: {name: some, ports: [53, 5353]}
          """;
      default ->
          throw new AssertionError(kind + " " + version + " (expected: a version that shipped)");
    };
  }
}
