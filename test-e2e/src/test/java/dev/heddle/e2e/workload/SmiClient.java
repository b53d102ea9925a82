package dev.heddle.e2e.workload;

import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceList;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.NonNamespaceOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A client of the Service Mesh Interface that knows every version of it.
 *
 * @param namespace where its objects are
 */
public record SmiClient(KubernetesClient kubernetes, String namespace) {
  private static final Duration CONVERSION_BEGINS = Duration.ofMinutes(1);

  /** The objects of a kind, as a version shows them. */
  public NonNamespaceOperation<
          GenericKubernetesResource,
          GenericKubernetesResourceList,
          Resource<GenericKubernetesResource>>
      objects(SmiObjects.Kind kind, String version) {
    return kubernetes.genericKubernetesResources(context(kind, version)).inNamespace(namespace);
  }

  /** Whether there are objects of a kind in any namespace. */
  public boolean isUsed(SmiObjects.Kind kind) {
    return !kubernetes
        .genericKubernetesResources(context(kind, kind.newest()))
        .inAnyNamespace()
        .list()
        .getItems()
        .isEmpty();
  }

  /** The definition of a kind; null if there is none. */
  public @Nullable CustomResourceDefinition definition(SmiObjects.Kind kind) {
    return kubernetes
        .apiextensions()
        .v1()
        .customResourceDefinitions()
        .withName(kind.definition())
        .get();
  }

  /** Waits until the API server is told to have objects of a kind converted. */
  public void awaitConversion(SmiObjects.Kind kind) {
    await(kind.definition() + " to be converted")
        .atMost(CONVERSION_BEGINS)
        .until(() -> {
          CustomResourceDefinition current = definition(kind);
          return current != null
              && current.getSpec().getConversion() != null
              && "Webhook".equals(current.getSpec().getConversion().getStrategy());
        });
  }

  /** What the writer of an object wrote. */
  public static Map<String, Object> fields(GenericKubernetesResource object) {
    Map<String, Object> fields = new TreeMap<>(object.getAdditionalProperties());
    fields.remove("status");
    return fields;
  }

  private static ResourceDefinitionContext context(SmiObjects.Kind kind, String version) {
    return new ResourceDefinitionContext.Builder()
        .withGroup(kind.group())
        .withVersion(version)
        .withKind(kind.kind())
        .withPlural(kind.plural())
        .withNamespaced(true)
        .build();
  }
}
