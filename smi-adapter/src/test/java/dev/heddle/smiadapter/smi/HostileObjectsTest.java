package dev.heddle.smiadapter.smi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.smiadapter.conversion.TrafficTargetPort;
import dev.heddle.smiadapter.kubernetes.FrontEnd;
import dev.heddle.smiadapter.state.AccessControl;
import dev.heddle.smiadapter.state.AddressFamily;
import dev.heddle.smiadapter.state.Change;
import dev.heddle.smiadapter.state.MeshSettings;
import dev.heddle.smiadapter.state.MeshState;
import dev.heddle.smiadapter.state.ObjectName;
import dev.heddle.smiadapter.state.Observation;
import dev.heddle.smiadapter.state.Protocol;
import dev.heddle.smiadapter.state.Service;
import dev.heddle.smiadapter.state.ServicePort;
import dev.heddle.smiadapter.state.Workload;
import dev.heddle.smiadapter.translate.IncrementalTranslation;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever is stored under a kind of SMI is either compiled or refused by a finding. */
class HostileObjectsTest {

  private static final int OBJECTS = 2_000;
  private static final int MAX_DEPTH = 5;

  /** Fields of all kinds, so that random objects get far into the reading. */
  private static final List<String> FIELDS =
      List.of(
          "service",
          "backends",
          "weight",
          "matches",
          "kind",
          "name",
          "pathRegex",
          "methods",
          "headers",
          "ports",
          "destination",
          "sources",
          "rules",
          "namespace",
          "x-stage");

  private static final List<String> TEXTS =
      List.of(
          "",
          "web",
          "ServiceAccount",
          "HTTPRouteGroup",
          "TCPRoute",
          "UDPRoute",
          "GET",
          "*",
          "/path",
          "/a(b",
          ".*",
          "web.shop.svc",
          "a.b.c.d.e",
          "shop");

  /** The pod that the valid target is about, and the Service that the valid split is about. */
  private static final Change WORKLOAD =
      new Change.WorkloadChange(
          new ObjectName("shop", "web-1"),
          new Workload(
              new ObjectName("shop", "web-1"),
              "web",
              true,
              AddressFamily.IPV4,
              "web",
              "Deployment",
              "web",
              "v1",
              List.of()));

  private static final Change SERVICE =
      new Change.ServiceChange(
          new ObjectName("shop", "web"),
          new Service(
              new ObjectName("shop", "web"),
              List.of("10.96.0.1"),
              List.of(new ServicePort("http", 80, Protocol.HTTP))));

  /** By kind, a spec that is honoured and that refers to the others. */
  private static final Map<String, Map<String, Object>> VALID =
      Map.of(
          "TrafficSplit",
          Map.of(
              "service",
              "web",
              "backends",
              List.of(Map.of("service", "web", "weight", 1)),
              "matches",
              List.of(Map.of("kind", "HTTPRouteGroup", "name", "object-1"))),
          "HTTPRouteGroup",
          Map.of(
              "matches",
              List.of(
                  Map.of(
                      "name",
                      "all",
                      "pathRegex",
                      "/path",
                      "methods",
                      List.of("GET"),
                      "headers",
                      Map.of("x-stage", "test")))),
          "TCPRoute",
          Map.of("matches", Map.of("ports", List.of(8080))),
          "UDPRoute",
          Map.of("matches", Map.of("ports", List.of(53))),
          "TrafficTarget",
          Map.of(
              "destination",
              Map.of("kind", "ServiceAccount", "name", "web"),
              "sources",
              List.of(Map.of("kind", "ServiceAccount", "name", "client")),
              "rules",
              List.of(
                  Map.of("kind", "HTTPRouteGroup", "name", "object-1", "matches", List.of("all")),
                  Map.of("kind", "TCPRoute", "name", "object-1"))));

  static Stream<FrontEnd> frontEnds() {
    return SmiFrontEnds.all().stream();
  }

  @ParameterizedTest
  @MethodSource("frontEnds")
  void areCompiledOrRefused(FrontEnd frontEnd) {
    Random random = new Random(7);
    IncrementalTranslation translation =
        new IncrementalTranslation(
            MeshState.empty(new MeshSettings("cluster.local", AccessControl.ENFORCED)));
    translation.apply(List.of(WORKLOAD, SERVICE));
    SmiFrontEnds.all()
        .forEach(each ->
            translation.apply(
                List.of(
                    each.compile(object(random, "object-1", VALID.get(each.kind().getKind())))
                        .change())));
    Map<String, Object> valid = VALID.get(frontEnd.kind().getKind());
    for (int i = 0; i < OBJECTS; i++) {
      Object spec = i % 2 == 0 ? value(random, 0) : spoilt(random, valid);
      GenericKubernetesResource object = object(random, "object-" + i % 10, spec);
      Observation observation = frontEnd.compile(object);
      assertThat(translation.apply(List.of(observation.change())).failures())
          .as("translating %s", object)
          .isEmpty();
    }
  }

  /** Here and there something else than what should be there. */
  private static @Nullable Object spoilt(Random random, @Nullable Object valid) {
    if (random.nextInt(12) == 0) {
      return value(random, 3);
    }
    return switch (valid) {
      case Map<?, ?> map -> {
        Map<Object, @Nullable Object> copy = new LinkedHashMap<>();
        map.forEach((name, value) -> copy.put(name, spoilt(random, value)));
        yield copy;
      }
      case List<?> list -> {
        List<@Nullable Object> copy = new ArrayList<>();
        list.forEach(value -> copy.add(spoilt(random, value)));
        yield copy;
      }
      case null, default -> valid;
    };
  }

  private static GenericKubernetesResource object(
      Random random, String name, @Nullable Object spec) {
    GenericKubernetesResource object = new GenericKubernetesResource();
    object.setMetadata(
        new ObjectMetaBuilder()
            .withNamespace(random.nextInt(10) == 0 ? null : "shop")
            .withName(name)
            .withCreationTimestamp(random.nextInt(10) == 0 ? "yesterday" : "2026-01-01T00:00:00Z")
            .withAnnotations(
                random.nextInt(5) == 0
                    ? Map.of(TrafficTargetPort.ANNOTATION, TEXTS.get(random.nextInt(5)))
                    : Map.of())
            .build());
    object.setAdditionalProperty("spec", spec);
    return object;
  }

  private static @Nullable Object value(Random random, int depth) {
    return switch (random.nextInt(depth >= MAX_DEPTH ? 5 : depth == 0 ? 20 : 12)) {
      case 0 -> null;
      case 1 -> random.nextInt(70_000) - 100;
      case 2 -> random.nextDouble();
      case 3 -> random.nextBoolean();
      case 4, 5, 6 -> TEXTS.get(random.nextInt(TEXTS.size()));
      case 7, 8 -> {
        List<@Nullable Object> list = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
          list.add(value(random, depth + 1));
        }
        yield list;
      }
      default -> {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        for (int i = random.nextInt(6); i > 0; i--) {
          map.put(FIELDS.get(random.nextInt(FIELDS.size())), value(random, depth + 1));
        }
        yield map;
      }
    };
  }
}
