package dev.heddle.operator.resources;

import static dev.heddle.operator.resources.Labels.INJECT;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.MatchCondition;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhook;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhookBuilder;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhookConfiguration;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhookConfigurationBuilder;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.RuleWithOperations;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.RuleWithOperationsBuilder;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicy;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicyBinding;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicyBindingBuilder;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicyBuilder;
import java.util.List;

/**
 * What makes the API server ask the adapter to inject a proxy.
 *
 * <p>Two things must hold while no adapter answers: the cluster goes on creating pods that did not
 * ask for a proxy, and no pod that did ask starts without one. So the API server itself sorts pods
 * by opt-in, as far as it can see it, with one webhook per way of opting in:
 *
 * <ul>
 *   <li>namespace by label: a selector sees it; failure refuses the pod.
 *   <li>pod by label or annotation: a match condition sees it; failure refuses the pod.
 *   <li>namespace by annotation: nothing a webhook offers sees a namespace's annotations, so every
 *       pod of an unlabelled namespace that says nothing itself is shown to the adapter, and
 *       failure lets it pass. An admission policy, which does see the namespace and runs inside the
 *       API server, then refuses those pods that should have been injected and were not.
 * </ul>
 *
 * <p>The namespaces kube-system, of the operator and of the mesh are never asked about: Heddle can
 * always be repaired.
 */
public final class InjectorResources {
  private static final String COMPONENT = "injector";
  private static final String PATH = "/inject";
  private static final int REQUIRED_TIMEOUT_SECONDS = 5;

  /**
   * Every pod of an unlabelled namespace waits this long at most when an adapter is there but does
   * not answer.
   */
  private static final int OPTIONAL_TIMEOUT_SECONDS = 2;

  private static final String LABEL = value("labels");
  private static final String ANNOTATION = value("annotations");

  private InjectorResources() {}

  /**
   * The webhooks.
   *
   * @param caBundle certificates that the adapter's certificate is verified with, PEM in Base64
   */
  public static MutatingWebhookConfiguration webhooks(Mesh mesh, String caBundle) {
    return new MutatingWebhookConfigurationBuilder()
        .withMetadata(mesh.clusterScoped(MeshObjects.injector(mesh.namespace()), COMPONENT))
        .withWebhooks(
            labelledNamespace(mesh, caBundle),
            optedInPod(mesh, caBundle),
            annotatedNamespace(mesh, caBundle))
        .build();
  }

  /** Refuses pods that a namespace's annotation asked a proxy for and that have none. */
  public static ValidatingAdmissionPolicy policy(Mesh mesh) {
    return new ValidatingAdmissionPolicyBuilder()
        .withMetadata(mesh.clusterScoped(MeshObjects.injector(mesh.namespace()), COMPONENT))
        .withNewSpec()
        .withFailurePolicy("Fail")
        .withNewMatchConstraints()
        .withMatchPolicy("Equivalent")
        .withNamespaceSelector(namespaces(mesh, requirement(INJECT, "DoesNotExist")))
        .withNewObjectSelector()
        .endObjectSelector()
        .addNewResourceRule()
        .withApiGroups("")
        .withApiVersions("v1")
        .withResources("pods")
        .withOperations("CREATE")
        .withScope("Namespaced")
        .endResourceRule()
        .endMatchConstraints()
        .withMatchConditions(podNetwork(), saysNothing())
        .addNewValidation()
        .withExpression(
            "!has(namespaceObject.metadata.annotations) || !('%1$s' in namespaceObject.metadata.annotations) || namespaceObject.metadata.annotations['%1$s'] != 'enabled' || (has(object.spec.initContainers) && object.spec.initContainers.exists(container, container.name == '%2$s'))"
                .formatted(INJECT, MeshObjects.PROXY))
        .withMessage(
            INJECT
                + ": the namespace asks for a proxy by annotation, but the SMI adapter did not answer, so the pod has none (expected: an answer from Service "
                + mesh.namespace()
                + "/"
                + MeshObjects.SMI_ADAPTER
                + ", or the label "
                + INJECT
                + ": disabled on the pod)")
        .withReason("Forbidden")
        .endValidation()
        .endSpec()
        .build();
  }

  /** Puts the policy into force. */
  public static ValidatingAdmissionPolicyBinding policyBinding(Mesh mesh) {
    String name = MeshObjects.injector(mesh.namespace());
    return new ValidatingAdmissionPolicyBindingBuilder()
        .withMetadata(mesh.clusterScoped(name, COMPONENT))
        .withNewSpec()
        .withPolicyName(name)
        .withValidationActions("Deny")
        .endSpec()
        .build();
  }

  private static MutatingWebhook labelledNamespace(Mesh mesh, String caBundle) {
    return webhook(mesh, "namespace.injector.heddle.dev", caBundle)
        .withFailurePolicy("Fail")
        .withTimeoutSeconds(REQUIRED_TIMEOUT_SECONDS)
        .withNamespaceSelector(namespaces(mesh, requirement(INJECT, "In", "enabled")))
        .withMatchConditions(
            podNetwork(),
            condition(
                "not-opted-out",
                "%1$s != 'disabled' && (%1$s == 'enabled' || %2$s != 'disabled')"
                    .formatted(LABEL, ANNOTATION)))
        .build();
  }

  private static MutatingWebhook optedInPod(Mesh mesh, String caBundle) {
    return webhook(mesh, "pod.injector.heddle.dev", caBundle)
        .withFailurePolicy("Fail")
        .withTimeoutSeconds(REQUIRED_TIMEOUT_SECONDS)
        .withNamespaceSelector(namespaces(mesh, requirement(INJECT, "NotIn", "enabled")))
        .withMatchConditions(
            podNetwork(),
            condition(
                "opted-in",
                "%1$s == 'enabled' || (%1$s == '' && %2$s == 'enabled')"
                    .formatted(LABEL, ANNOTATION)))
        .build();
  }

  private static MutatingWebhook annotatedNamespace(Mesh mesh, String caBundle) {
    return webhook(mesh, "annotated-namespace.injector.heddle.dev", caBundle)
        .withFailurePolicy("Ignore")
        .withTimeoutSeconds(OPTIONAL_TIMEOUT_SECONDS)
        .withNamespaceSelector(namespaces(mesh, requirement(INJECT, "DoesNotExist")))
        .withMatchConditions(podNetwork(), saysNothing())
        .build();
  }

  private static MutatingWebhookBuilder webhook(Mesh mesh, String name, String caBundle) {
    return new MutatingWebhookBuilder()
        .withName(name)
        .withAdmissionReviewVersions("v1")
        .withNewClientConfig()
        .withCaBundle(caBundle)
        .withNewService(
            MeshObjects.SMI_ADAPTER, mesh.namespace(), PATH, AdapterResources.WEBHOOK_PORT)
        .endClientConfig()
        .withMatchPolicy("Equivalent")
        .withReinvocationPolicy("IfNeeded")
        .withSideEffects("None")
        .withNewObjectSelector()
        .endObjectSelector()
        .withRules(podCreation());
  }

  private static RuleWithOperations podCreation() {
    return new RuleWithOperationsBuilder()
        .withApiGroups("")
        .withApiVersions("v1")
        .withResources("pods")
        .withOperations("CREATE")
        .withScope("Namespaced")
        .build();
  }

  private static LabelSelector namespaces(Mesh mesh, LabelSelectorRequirement optIn) {
    List<String> never =
        List.of("kube-system", mesh.release().operatorNamespace(), mesh.namespace()).stream()
            .distinct()
            .sorted()
            .toList();
    return new LabelSelectorBuilder()
        .withMatchExpressions(
            new LabelSelectorRequirement("kubernetes.io/metadata.name", "NotIn", never), optIn)
        .build();
  }

  private static LabelSelectorRequirement requirement(
      String key, String operator, String... values) {
    return new LabelSelectorRequirement(key, operator, List.of(values));
  }

  /** Pods in the node's network have no network of their own to capture. */
  private static MatchCondition podNetwork() {
    return condition(
        "pod-network", "!has(object.spec.hostNetwork) || object.spec.hostNetwork == false");
  }

  private static MatchCondition saysNothing() {
    return condition("says-nothing", "%s == '' && %s == ''".formatted(LABEL, ANNOTATION));
  }

  private static MatchCondition condition(String name, String expression) {
    return new MatchCondition(expression, name);
  }

  /** A CEL expression for what a pod says about injection; empty if it says nothing. */
  private static String value(String map) {
    return "(has(object.metadata.%1$s) && '%2$s' in object.metadata.%1$s ? object.metadata.%1$s['%2$s'] : '')"
        .formatted(map, INJECT);
  }
}
