package dev.heddle.operator.reconcile;

import dev.heddle.crds.install.MeshInstall;
import dev.heddle.operator.resources.Mesh;
import dev.heddle.operator.resources.SmiResources;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceConversion;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.dependent.Deleter;
import io.javaoperatorsdk.operator.api.reconciler.dependent.DependentResource;
import io.javaoperatorsdk.operator.api.reconciler.dependent.ReconcileResult;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who converts the objects of one kind. The definition is the user's; only its {@code
 * spec.conversion} is the mesh's, as long as there is one. Of several meshes the oldest has it.
 */
final class SmiDefinition
    implements DependentResource<CustomResourceDefinition, MeshInstall>, Deleter<MeshInstall> {
  private static final Logger LOG = LoggerFactory.getLogger(SmiDefinition.class);

  private final String definition;
  private final Function<MeshInstall, Mesh> meshes;

  /**
   * Makes a dependent.
   *
   * @param definition the name of the definition
   * @param meshes what a MeshInstall adds up to
   */
  SmiDefinition(String definition, Function<MeshInstall, Mesh> meshes) {
    this.definition = definition;
    this.meshes = meshes;
  }

  @Override
  public ReconcileResult<CustomResourceDefinition> reconcile(
      MeshInstall install, Context<MeshInstall> context) {
    Optional<CustomResourceDefinition> found = getSecondaryResource(install, context);
    if (found.isEmpty() || !NamespaceClaims.isOldest(install, Siblings.all(context))) {
      return ReconcileResult.noOperation(found.orElseGet(CustomResourceDefinition::new));
    }
    CustomResourceDefinition actual = found.get();
    if (!SmiResources.isOurs(actual)) {
      LOG.warn(
          "{}: left as it is, because it lacks versions or stores another (expected: the definition of install.yaml)",
          definition);
      return ReconcileResult.noOperation(actual);
    }
    CustomResourceDefinition desired =
        SmiResources.conversion(
            meshes.apply(install),
            definition,
            WebhookCertificate.caBundle(install, context).orElseThrow());
    if (desired.getSpec().getConversion().equals(actual.getSpec().getConversion())) {
      return ReconcileResult.noOperation(actual);
    }
    LOG.info("{}: converted by the mesh in {}", definition, install.getSpec().namespace());
    return ReconcileResult.resourceUpdated(
        context
            .getClient()
            .resource(desired)
            .fieldManager(context.getControllerConfiguration().fieldManager())
            .forceConflicts()
            .serverSideApply());
  }

  /**
   * Leaves objects to be served as they are stored: the schema of each version lists the fields of
   * the others, so that nothing of them is pruned, and refuses them, so that nothing is overwritten
   * in a shape that nobody converts.
   */
  @Override
  public void delete(MeshInstall install, Context<MeshInstall> context) {
    KubernetesClient client = context.getClient();
    CustomResourceDefinition actual =
        client.apiextensions().v1().customResourceDefinitions().withName(definition).get();
    if (actual == null || !isConvertedBy(install, actual.getSpec().getConversion())) {
      return;
    }
    // The resource version: another mesh may have taken over meanwhile.
    client
        .apiextensions()
        .v1()
        .customResourceDefinitions()
        .withName(definition)
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            "{\"metadata\":{\"resourceVersion\":\"%s\"},\"spec\":{\"conversion\":{\"strategy\":\"None\",\"webhook\":null}}}"
                .formatted(actual.getMetadata().getResourceVersion()));
    LOG.info("{}: not converted any more", definition);
  }

  @Override
  public Class<CustomResourceDefinition> resourceType() {
    return CustomResourceDefinition.class;
  }

  @Override
  public String name() {
    return "CustomResourceDefinition " + definition;
  }

  @Override
  public Optional<CustomResourceDefinition> getSecondaryResource(
      MeshInstall install, Context<MeshInstall> context) {
    return context.getSecondaryResource(CustomResourceDefinition.class, definition);
  }

  private static boolean isConvertedBy(
      MeshInstall install, @Nullable CustomResourceConversion conversion) {
    return conversion != null
        && conversion.getWebhook() != null
        && conversion.getWebhook().getClientConfig() != null
        && conversion.getWebhook().getClientConfig().getService() != null
        && install
            .getSpec()
            .namespace()
            .equals(conversion.getWebhook().getClientConfig().getService().getNamespace());
  }
}
