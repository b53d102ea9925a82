package dev.heddle.crds;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.heddle.crds.install.MeshInstallSpec;
import dev.heddle.crds.install.MeshInstallStatus;
import dev.heddle.crds.smi.SmiStatus;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the API server accepts is what the Java types hold, and the other way round. */
final class SchemaAgreementTest {
  private final KubernetesSerialization serialization = new KubernetesSerialization();
  private final ObjectMapper mapper = new ObjectMapper();

  static Stream<Arguments> schemas() {
    JSONSchemaProps mesh = schema("meshinstalls.heddle.dev", "v1alpha1");
    Stream<Arguments> install =
        Stream.of(
            Arguments.of("spec", property(mesh, "spec"), MeshInstallSpec.class),
            Arguments.of("status", property(mesh, "status"), MeshInstallStatus.class));
    Stream<Arguments> splits =
        Stream.of("v1alpha1", "v1alpha2", "v1alpha3", "v1alpha4")
            .flatMap(version ->
                Stream.of(
                    type("trafficsplits.split.smi-spec.io", version, "spec", "TrafficSplitSpec"),
                    status("trafficsplits.split.smi-spec.io", version)));
    Stream<Arguments> targets =
        Stream.concat(
            Stream.of(
                type(
                    "traffictargets.access.smi-spec.io",
                    "v1alpha1",
                    "destination",
                    "TrafficTargetDestination"),
                item(
                    "traffictargets.access.smi-spec.io",
                    "v1alpha1",
                    "sources",
                    "TrafficTargetSource"),
                item(
                    "traffictargets.access.smi-spec.io", "v1alpha1", "specs", "TrafficTargetRule")),
            Stream.of("v1alpha2", "v1alpha3")
                .map(version ->
                    type(
                        "traffictargets.access.smi-spec.io",
                        version,
                        "spec",
                        "TrafficTargetSpec")));
    Stream<Arguments> routes =
        Stream.of(
            item("httproutegroups.specs.smi-spec.io", "v1alpha1", "matches", "HttpMatch"),
            item("httproutegroups.specs.smi-spec.io", "v1alpha2", "matches", "HttpMatch"),
            type("httproutegroups.specs.smi-spec.io", "v1alpha3", "spec", "HttpRouteGroupSpec"),
            type("httproutegroups.specs.smi-spec.io", "v1alpha4", "spec", "HttpRouteGroupSpec"),
            type("tcproutes.specs.smi-spec.io", "v1alpha3", "spec", "TcpRouteSpec"),
            type("tcproutes.specs.smi-spec.io", "v1alpha4", "spec", "TcpRouteSpec"),
            type("udproutes.specs.smi-spec.io", "v1alpha4", "spec", "UdpRouteSpec"),
            status("udproutes.specs.smi-spec.io", "v1alpha4"));
    return Stream.of(install, splits, targets, routes).flatMap(arguments -> arguments);
  }

  @ParameterizedTest
  @MethodSource("schemas")
  void propertiesAreRecordComponents(String path, JSONSchemaProps schema, Class<?> type) {
    assertAgreement(path, schema, type);
  }

  @ParameterizedTest
  @MethodSource("schemas")
  void everyPropertyIsDescribed(String path, JSONSchemaProps schema, Class<?> type) {
    assertDescribed(path, schema);
  }

  @Test
  void emptySpecMeansTheSameToTheServerAndToJava() throws Exception {
    // Given
    ObjectNode spec = mapper.createObjectNode();

    // When
    applyDefaults(spec, property(schema("meshinstalls.heddle.dev", "v1alpha1"), "spec"));

    // Then
    assertThat(serialization.unmarshal(spec.toString(), MeshInstallSpec.class))
        .isEqualTo(MeshInstallSpec.DEFAULT);
    assertThat(serialization.unmarshal("{}", MeshInstallSpec.class))
        .isEqualTo(MeshInstallSpec.DEFAULT);
    assertThat(mapper.readTree(serialization.asJson(MeshInstallSpec.DEFAULT))).isEqualTo(spec);
  }

  private static void assertAgreement(String path, JSONSchemaProps schema, Type type) {
    if (type instanceof ParameterizedType parameterized
        && parameterized.getRawType() == List.class) {
      assertThat(schema.getType()).as(path).isEqualTo("array");
      assertAgreement(
          path + "[]", schema.getItems().getSchema(), parameterized.getActualTypeArguments()[0]);
    } else if (type instanceof Class<?> enumeration && enumeration.isEnum()) {
      assertThat(schema.getEnum().stream().map(JsonNode::asText))
          .as(path)
          .containsExactlyElementsOf(names(enumeration));
    } else if (type instanceof Class<?> record
        && record.isRecord()
        && !schema.getProperties().isEmpty()) {
      Map<String, JSONSchemaProps> properties = ofThisVersion(schema.getProperties());
      assertThat(Arrays.stream(record.getRecordComponents()).map(RecordComponent::getName))
          .as(path)
          .containsExactlyInAnyOrderElementsOf(properties.keySet());
      for (RecordComponent component : record.getRecordComponents()) {
        assertAgreement(
            path + "." + component.getName(),
            property(schema, component.getName()),
            component.getGenericType());
      }
    }
  }

  private static void assertDescribed(String path, JSONSchemaProps schema) {
    schema
        .getProperties()
        .forEach((name, property) -> {
          assertThat(property.getDescription()).as(path + "." + name).isNotBlank();
          assertDescribed(path + "." + name, property);
        });
    if (schema.getItems() != null) {
      assertDescribed(path + "[]", schema.getItems().getSchema());
    }
  }

  /** What the API server does with {@code default}, for objects. */
  private void applyDefaults(ObjectNode object, JSONSchemaProps schema) {
    schema
        .getProperties()
        .forEach((name, property) -> {
          JsonNode fallback = property.getDefault();
          if (!object.has(name) && fallback != null) {
            object.set(name, fallback.deepCopy());
          }
          if (object.get(name) instanceof ObjectNode child) {
            applyDefaults(child, property);
          }
        });
  }

  private static List<String> names(Class<?> enumeration) {
    return Arrays.stream(enumeration.getFields())
        .map(field -> field.getAnnotation(JsonProperty.class))
        .map(JsonProperty::value)
        .toList();
  }

  /** Without what is listed only to be refused rather than pruned. */
  private static Map<String, JSONSchemaProps> ofThisVersion(
      Map<String, JSONSchemaProps> properties) {
    return properties.entrySet().stream()
        .filter(property -> !property.getValue().getDescription().startsWith("Not in "))
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  private static Arguments type(String definition, String version, String field, String type) {
    return Arguments.of(
        definition + "/" + version + " " + field,
        property(schema(definition, version), field),
        javaType(definition, version, type));
  }

  private static Arguments item(String definition, String version, String field, String type) {
    return Arguments.of(
        definition + "/" + version + " " + field + "[]",
        property(schema(definition, version), field).getItems().getSchema(),
        javaType(definition, version, type));
  }

  private static Arguments status(String definition, String version) {
    return Arguments.of(
        definition + "/" + version + " status",
        property(schema(definition, version), "status"),
        SmiStatus.class);
  }

  /** The record of that name in the room of the definition's group and version. */
  private static Class<?> javaType(String definition, String version, String type) {
    String name = "dev.heddle.crds." + room(definition) + "." + version + "." + type;
    try {
      return Class.forName(name);
    } catch (ClassNotFoundException e) {
      throw new AssertionError(name, e);
    }
  }

  /** {@code split} of {@code trafficsplits.split.smi-spec.io}. */
  private static String room(String definition) {
    int start = definition.indexOf('.') + 1;
    return definition.substring(start, definition.indexOf('.', start));
  }

  private static JSONSchemaProps property(JSONSchemaProps schema, String name) {
    return Objects.requireNonNull(schema.getProperties().get(name), name);
  }

  private static JSONSchemaProps schema(String definition, String version) {
    Set<String> seen = new HashSet<>();
    for (CustomResourceDefinition candidate : CustomResourceDefinitions.all()) {
      seen.add(candidate.getMetadata().getName());
      if (candidate.getMetadata().getName().equals(definition)) {
        return candidate.getSpec().getVersions().stream()
            .filter(entry -> entry.getName().equals(version))
            .findFirst()
            .orElseThrow()
            .getSchema()
            .getOpenAPIV3Schema();
      }
    }
    throw new AssertionError(definition + " (expected: one of " + seen + ")");
  }
}
