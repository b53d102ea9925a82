package dev.heddle.operator.reconcile;

import dev.heddle.crds.install.MeshInstall;
import dev.heddle.operator.resources.AdapterResources;
import dev.heddle.operator.resources.CertificateAuthorityResources;
import dev.heddle.operator.resources.InjectorResources;
import dev.heddle.operator.resources.Mesh;
import dev.heddle.operator.resources.MeshObjects;
import dev.heddle.operator.resources.NamespaceResources;
import dev.heddle.operator.resources.Release;
import dev.heddle.operator.resources.SmiResources;
import dev.heddle.operator.resources.TrafficMetricsResources;
import io.fabric8.kubernetes.api.model.APIService;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhookConfiguration;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicy;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicyBinding;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingWebhookConfiguration;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBinding;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.dependent.DependentResource;
import io.javaoperatorsdk.operator.processing.dependent.workflow.Condition;
import io.javaoperatorsdk.operator.processing.dependent.workflow.Workflow;
import io.javaoperatorsdk.operator.processing.dependent.workflow.WorkflowBuilder;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The objects of a mesh and their order.
 *
 * <pre>
 * namespace -> roles -> accounts, bindings, Services -> certificate authority
 *           -> (its certificate for the adapter exists) -> conversion of SMI objects
 *           -> the same for the adapter -> webhooks -> admission policy
 *                                       -> (an adapter is ready) -> API of traffic metrics
 * </pre>
 *
 * The way back is the same in reverse, so that the webhooks, which could refuse pods, are the first
 * to go. Webhooks do not wait for the adapter to be ready: pods that ask for a proxy rather wait
 * for it than start without one. Conversion comes before the adapter, which would otherwise list
 * objects of older versions as they are stored and never hear of them again. The API of traffic
 * metrics exists only while an adapter is ready to answer: a registered API without a server keeps
 * the API server from deleting any namespace.
 */
final class MeshWorkflow {
  private static final Condition<Namespace, MeshInstall> NAMESPACE_USABLE =
      (_, _, context) ->
          context
              .getSecondaryResource(Namespace.class)
              .filter(namespace -> !MeshNamespace.isTerminating(namespace))
              .isPresent();
  private static final Condition<Secret, MeshInstall> CERTIFICATE_USABLE =
      (_, install, context) -> WebhookCertificate.caBundle(install, context).isPresent();
  private static final Condition<ValidatingWebhookConfiguration, MeshInstall> IS_OLDEST =
      (_, install, context) -> NamespaceClaims.isOldest(install, Siblings.all(context));

  private final Release release;
  private final List<MeshObject<?>> objects = new ArrayList<>();
  private final MeshNamespace namespace;
  private final Workflow<MeshInstall> workflow;

  MeshWorkflow(Release release) {
    this.release = release;
    this.namespace = new MeshNamespace(install -> NamespaceResources.namespace(mesh(install)));
    this.workflow = assemble();
  }

  /** What was asked for and what it adds up to with the operator's own settings. */
  Mesh mesh(MeshInstall install) {
    return Mesh.of(install, release);
  }

  /**
   * Applies what can be applied now.
   *
   * @return what failed, by kind and name, with the reason
   */
  Map<String, String> apply(MeshInstall install, Context<MeshInstall> context) {
    Map<String, String> failures = new TreeMap<>();
    workflow
        .reconcile(install, context)
        .getErroredDependents()
        .forEach((dependent, failure) -> failures.put(dependent.name(), Refusals.reason(failure)));
    return failures;
  }

  /** Deletes everything but the namespace, webhooks first. */
  void delete(MeshInstall install, Context<MeshInstall> context) {
    workflow.cleanup(install, context).throwAggregateExceptionIfErrorsPresent();
  }

  /** One informer for each kind, shared by all objects of the kind. */
  List<EventSource<?, MeshInstall>> eventSources(EventSourceContext<MeshInstall> context) {
    List<EventSource<?, MeshInstall>> sources = new ArrayList<>();
    InformerEventSource<Namespace, MeshInstall> namespaces = EventSources.namespaces(context);
    namespace.setEventSource(namespaces);
    sources.add(namespaces);
    Map<Class<?>, InformerEventSource<?, MeshInstall>> byKind = new LinkedHashMap<>();
    objects.forEach(object -> share(object, byKind, context));
    sources.addAll(byKind.values());
    sources.add(EventSources.labelled(Pod.class, context));
    EventSources.secretNames().forEach(name -> sources.add(EventSources.secret(name, context)));
    SmiResources.convertedDefinitions()
        .forEach(name -> sources.add(EventSources.definition(name, context)));
    sources.add(EventSources.siblings(context));
    return sources;
  }

  private static <R extends HasMetadata> void share(
      MeshObject<R> object,
      Map<Class<?>, InformerEventSource<?, MeshInstall>> byKind,
      EventSourceContext<MeshInstall> context) {
    // Each source is filed under the kind that it was made for.
    @SuppressWarnings("unchecked")
    InformerEventSource<R, MeshInstall> source =
        (InformerEventSource<R, MeshInstall>)
            byKind.computeIfAbsent(
                object.resourceType(), _ -> EventSources.labelled(object.resourceType(), context));
    object.setEventSource(source);
  }

  private Workflow<MeshInstall> assemble() {
    String ca = MeshObjects.CERTIFICATE_AUTHORITY;
    String adapter = MeshObjects.SMI_ADAPTER;
    DependentResource<?, ?>[] authorityRoles = {
      object(Role.class, ca, CertificateAuthorityResources::role),
      object(ClusterRole.class, ca, CertificateAuthorityResources::clusterRole)
    };
    DependentResource<?, ?>[] authorityFoundation = {
      object(ServiceAccount.class, ca, CertificateAuthorityResources::serviceAccount),
      object(RoleBinding.class, ca, CertificateAuthorityResources::roleBinding),
      object(ClusterRoleBinding.class, ca, CertificateAuthorityResources::clusterRoleBinding),
      object(Service.class, ca, CertificateAuthorityResources::service),
      object(PodDisruptionBudget.class, ca, CertificateAuthorityResources::podDisruptionBudget)
    };
    MeshObject<Deployment> authority =
        object(Deployment.class, ca, CertificateAuthorityResources::deployment);
    WebhookCertificate certificate = new WebhookCertificate();
    DependentResource<?, ?>[] adapterRoles = {
      object(Role.class, adapter, AdapterResources::role),
      object(ClusterRole.class, adapter, AdapterResources::clusterRole)
    };
    DependentResource<?, ?>[] adapterFoundation = {
      object(ServiceAccount.class, adapter, AdapterResources::serviceAccount),
      object(RoleBinding.class, adapter, AdapterResources::roleBinding),
      object(ClusterRoleBinding.class, adapter, AdapterResources::clusterRoleBinding),
      object(ConfigMap.class, MeshObjects.MESH_CONFIGURATION, AdapterResources::configuration),
      object(Service.class, adapter, AdapterResources::service),
      object(PodDisruptionBudget.class, adapter, AdapterResources::podDisruptionBudget),
      object(
          RoleBinding.class,
          "authentication reader",
          TrafficMetricsResources::authenticationReader),
      object(ClusterRole.class, "traffic metrics viewer", TrafficMetricsResources::viewer)
    };
    MeshObject<Service> conversionService =
        object(Service.class, MeshObjects.CONVERSION, SmiResources::conversionService);
    DependentResource<?, ?>[] definitions =
        SmiResources.convertedDefinitions().stream()
            .map(name -> new SmiDefinition(name, this::mesh))
            .toArray(DependentResource<?, ?>[]::new);
    MeshObject<Deployment> adapterDeployment =
        object(Deployment.class, adapter, AdapterResources::deployment);
    MeshObject<MutatingWebhookConfiguration> webhooks = webhooks();
    MeshObject<ValidatingWebhookConfiguration> validation = validation();
    MeshObject<ValidatingAdmissionPolicy> policy =
        object(ValidatingAdmissionPolicy.class, "injector", InjectorResources::policy);
    MeshObject<ValidatingAdmissionPolicyBinding> policyBinding =
        object(
            ValidatingAdmissionPolicyBinding.class, "injector", InjectorResources::policyBinding);

    WorkflowBuilder<MeshInstall> builder = new WorkflowBuilder<>();
    builder.addDependentResourceAndConfigure(namespace).withReadyPostcondition(NAMESPACE_USABLE);
    addAll(builder, authorityRoles, namespace);
    // A role that does not exist yet cannot be bound: the API server must see what would be
    // granted.
    addAll(builder, authorityFoundation, authorityRoles);
    builder.addDependentResourceAndConfigure(authority).dependsOn(authorityFoundation);
    builder
        .addDependentResourceAndConfigure(certificate)
        .dependsOn(authority)
        .withReadyPostcondition(CERTIFICATE_USABLE);
    builder.addDependentResourceAndConfigure(conversionService).dependsOn(certificate);
    addAll(builder, definitions, conversionService);
    addAll(builder, adapterRoles, definitions);
    addAll(builder, adapterFoundation, adapterRoles);
    builder.addDependentResourceAndConfigure(adapterDeployment).dependsOn(adapterFoundation);
    builder.addDependentResourceAndConfigure(webhooks).dependsOn(adapterDeployment);
    builder.addDependentResourceAndConfigure(policy).dependsOn(adapterDeployment);
    builder.addDependentResourceAndConfigure(policyBinding).dependsOn(policy, webhooks);
    builder
        .addDependentResourceAndConfigure(validation)
        .dependsOn(adapterDeployment)
        .withReconcilePrecondition(IS_OLDEST);
    for (String version : TrafficMetricsResources.VERSIONS) {
      builder
          .addDependentResourceAndConfigure(metricsApi(version))
          .dependsOn(adapterDeployment)
          .withReconcilePrecondition(adapterAnswers(version));
    }
    return builder.withThrowExceptionFurther(false).build();
  }

  private static void addAll(
      WorkflowBuilder<MeshInstall> builder,
      DependentResource<?, ?>[] dependents,
      DependentResource<?, ?>... foundation) {
    for (DependentResource<?, ?> dependent : dependents) {
      builder.addDependentResourceAndConfigure(dependent).dependsOn(foundation);
    }
  }

  private MeshObject<MutatingWebhookConfiguration> webhooks() {
    return add(
        new MeshObject<>(
            MutatingWebhookConfiguration.class,
            "MutatingWebhookConfiguration injector",
            install -> new ResourceID(MeshObjects.injector(install.getSpec().namespace())),
            (install, context) ->
                InjectorResources.webhooks(
                    mesh(install), WebhookCertificate.caBundle(install, context).orElseThrow())));
  }

  private MeshObject<ValidatingWebhookConfiguration> validation() {
    return add(
        new MeshObject<>(
            ValidatingWebhookConfiguration.class,
            "ValidatingWebhookConfiguration smi",
            install -> new ResourceID(MeshObjects.validation(install.getSpec().namespace())),
            (install, context) ->
                SmiResources.validation(
                    mesh(install), WebhookCertificate.caBundle(install, context).orElseThrow())));
  }

  private MeshObject<APIService> metricsApi(String version) {
    return add(
        new MeshObject<>(
            APIService.class,
            "APIService " + version,
            _ -> new ResourceID(TrafficMetricsResources.apiServiceName(version)),
            (install, context) ->
                TrafficMetricsResources.apiService(
                    mesh(install),
                    version,
                    WebhookCertificate.caBundle(install, context).orElseThrow())));
  }

  /**
   * Whether there is somebody to answer, and nobody else has the version: there is one of each in a
   * cluster, for the oldest mesh, and what somebody else than a mesh registered is left alone.
   */
  private static Condition<APIService, MeshInstall> adapterAnswers(String version) {
    return (_, install, context) ->
        NamespaceClaims.isOldest(install, Siblings.all(context))
            && context
                .getSecondaryResourcesAsStream(Deployment.class)
                .filter(deployment ->
                    deployment.getMetadata().getName().equals(MeshObjects.SMI_ADAPTER))
                .anyMatch(MeshWorkflow::hasReadyReplica)
            && !isOfAnother(
                install,
                context
                    .getClient()
                    .resources(APIService.class)
                    .withName(TrafficMetricsResources.apiServiceName(version))
                    .get());
  }

  private static boolean isOfAnother(MeshInstall install, @Nullable APIService registered) {
    return registered != null
        && registered.getMetadata().getOwnerReferences().stream()
            .noneMatch(owner -> install.getMetadata().getUid().equals(owner.getUid()));
  }

  private static boolean hasReadyReplica(Deployment adapter) {
    return adapter.getStatus() != null
        && adapter.getStatus().getReadyReplicas() != null
        && adapter.getStatus().getReadyReplicas() > 0;
  }

  private <R extends HasMetadata> MeshObject<R> object(
      Class<R> kind, String name, Function<Mesh, R> builder) {
    return add(
        new MeshObject<>(
            kind,
            kind.getSimpleName() + " " + name,
            install -> id(builder.apply(mesh(install))),
            (install, _) -> builder.apply(mesh(install))));
  }

  private <R extends HasMetadata> MeshObject<R> add(MeshObject<R> object) {
    objects.add(object);
    return object;
  }

  private static ResourceID id(HasMetadata object) {
    return object instanceof Namespaced
        ? ResourceID.fromResource(object)
        : new ResourceID(object.getMetadata().getName());
  }
}
