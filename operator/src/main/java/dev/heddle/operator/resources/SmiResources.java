package dev.heddle.operator.resources;

import dev.heddle.crds.CustomResourceDefinitions;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.RuleWithOperations;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.RuleWithOperationsBuilder;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingWebhookConfiguration;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingWebhookConfigurationBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionVersion;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What makes the API server ask the adapter about objects of the Service Mesh Interface: to convert
 * them among versions, and whether to admit them.
 *
 * <p>A mesh that is down gets in nobody's way. Validation that is not answered is skipped: what is
 * wrong with an object is told in an Event all the same, and nothing unsafe comes of it. Conversion
 * cannot be skipped, but is asked for only where the version of a request is not that of the object
 * in store; whoever uses the newest version, as namespace deletion and garbage collection do, needs
 * none of it.
 */
public final class SmiResources {
  private static final String COMPONENT = "smi-webhooks";
  private static final String CONVERSION_PATH = "/convert";
  private static final String VALIDATION_PATH = "/validate";
  private static final int VALIDATION_TIMEOUT_SECONDS = 3;
  private static final String ADAPTER_PORT_NAME = "https-webhook";

  private static final List<CustomResourceDefinition> CONVERTED =
      CustomResourceDefinitions.all().stream()
          .filter(definition -> definition.getSpec().getVersions().size() > 1)
          .toList();

  private SmiResources() {}

  /** The names of the definitions of kinds that have more than one version. */
  public static List<String> convertedDefinitions() {
    return CONVERTED.stream().map(definition -> definition.getMetadata().getName()).toList();
  }

  /**
   * Whether a definition in the cluster has every version that ours has and stores the same one, so
   * that the adapter's conversions are those that it needs.
   */
  public static boolean isOurs(CustomResourceDefinition actual) {
    return CONVERTED.stream()
        .filter(ours -> ours.getMetadata().getName().equals(actual.getMetadata().getName()))
        .anyMatch(ours ->
            versions(actual).containsAll(versions(ours)) && stored(actual).equals(stored(ours)));
  }

  /**
   * A Service of its own, which leads to adapters that are not ready, too: one that starts has to
   * list objects first, and there may be some that were stored in an older version.
   */
  public static Service conversionService(Mesh mesh) {
    return new ServiceBuilder()
        .withMetadata(mesh.namespaced(MeshObjects.CONVERSION, MeshObjects.SMI_ADAPTER))
        .withNewSpec()
        .withPublishNotReadyAddresses(true)
        .withSelector(Labels.selector(MeshObjects.SMI_ADAPTER))
        .addNewPort()
        .withName(ADAPTER_PORT_NAME)
        .withPort(AdapterResources.WEBHOOK_PORT)
        .withTargetPort(new IntOrString(ADAPTER_PORT_NAME))
        .withProtocol("TCP")
        .endPort()
        .endSpec()
        .build();
  }

  /**
   * What a definition is to say about conversion, and nothing else of it.
   *
   * @param caBundle certificates that the adapter's certificate is verified with, PEM in Base64
   */
  public static CustomResourceDefinition conversion(Mesh mesh, String definition, String caBundle) {
    return new CustomResourceDefinitionBuilder()
        .withNewMetadata()
        .withName(definition)
        .endMetadata()
        .withNewSpec()
        .withNewConversion()
        .withStrategy("Webhook")
        .withNewWebhook()
        .withConversionReviewVersions("v1")
        .withNewClientConfig()
        .withCaBundle(caBundle)
        .withNewService()
        .withName(MeshObjects.CONVERSION)
        .withNamespace(mesh.namespace())
        .withPath(CONVERSION_PATH)
        .withPort(AdapterResources.WEBHOOK_PORT)
        .endService()
        .endClientConfig()
        .endWebhook()
        .endConversion()
        .endSpec()
        .build();
  }

  /**
   * Has objects of every kind and version shown to the adapter before they are stored.
   *
   * @param caBundle certificates that the adapter's certificate is verified with, PEM in Base64
   */
  public static ValidatingWebhookConfiguration validation(Mesh mesh, String caBundle) {
    return new ValidatingWebhookConfigurationBuilder()
        .withMetadata(mesh.clusterScoped(MeshObjects.validation(mesh.namespace()), COMPONENT))
        .addNewWebhook()
        .withName("validation.smi.heddle.dev")
        .withAdmissionReviewVersions("v1")
        .withNewClientConfig()
        .withCaBundle(caBundle)
        .withNewService(
            MeshObjects.SMI_ADAPTER,
            mesh.namespace(),
            VALIDATION_PATH,
            AdapterResources.WEBHOOK_PORT)
        .endClientConfig()
        .withFailurePolicy("Ignore")
        .withTimeoutSeconds(VALIDATION_TIMEOUT_SECONDS)
        .withMatchPolicy("Exact")
        .withSideEffects("None")
        .withNewNamespaceSelector()
        .endNamespaceSelector()
        .withNewObjectSelector()
        .endObjectSelector()
        .withRules(
            written("access.smi-spec.io", "traffictargets"),
            written("specs.smi-spec.io", "httproutegroups", "tcproutes", "udproutes"),
            written("split.smi-spec.io", "trafficsplits"))
        .endWebhook()
        .build();
  }

  private static RuleWithOperations written(String group, String... resources) {
    return new RuleWithOperationsBuilder()
        .withApiGroups(group)
        // In whatever version it is written, so that a refusal speaks of the fields that its writer
        // sees.
        .withApiVersions("*")
        .withResources(resources)
        .withOperations("CREATE", "UPDATE")
        .withScope("Namespaced")
        .build();
  }

  private static Set<String> versions(CustomResourceDefinition definition) {
    return definition.getSpec().getVersions().stream()
        .map(CustomResourceDefinitionVersion::getName)
        .collect(Collectors.toSet());
  }

  private static Set<String> stored(CustomResourceDefinition definition) {
    return definition.getSpec().getVersions().stream()
        .filter(CustomResourceDefinitionVersion::getStorage)
        .map(CustomResourceDefinitionVersion::getName)
        .collect(Collectors.toSet());
  }
}
