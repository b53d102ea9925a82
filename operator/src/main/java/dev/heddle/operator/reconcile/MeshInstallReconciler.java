package dev.heddle.operator.reconcile;

import dev.heddle.crds.install.Condition;
import dev.heddle.crds.install.MeshInstall;
import dev.heddle.crds.install.MeshInstallStatus;
import dev.heddle.operator.resources.Labels;
import dev.heddle.operator.resources.Mesh;
import dev.heddle.operator.resources.MeshObjects;
import dev.heddle.operator.resources.Release;
import dev.heddle.operator.status.CertificateSecret;
import dev.heddle.operator.status.ComponentObservation;
import dev.heddle.operator.status.MeshObservation;
import dev.heddle.operator.status.StatusFactory;
import dev.heddle.operator.status.Transition;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhookConfiguration;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.javaoperatorsdk.operator.api.reconciler.Cleaner;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.DeleteControl;
import io.javaoperatorsdk.operator.api.reconciler.ErrorStatusUpdateControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.PrimaryUpdateAndCacheUtils;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the cluster what a MeshInstall says, and says in its status how far that is. */
@ControllerConfiguration(name = "meshinstall", finalizerName = "heddle.dev/finalizer")
public final class MeshInstallReconciler implements Reconciler<MeshInstall>, Cleaner<MeshInstall> {
  private static final Logger LOG = LoggerFactory.getLogger(MeshInstallReconciler.class);
  private static final Duration RETRY_FAILED_APPLY = Duration.ofSeconds(5);

  /**
   * A Secret that the user names is not watched, so that the operator may watch no Secrets but its
   * own.
   */
  private static final Duration LOOK_AT_USERS_SECRET_AGAIN = Duration.ofSeconds(10);

  private static final Duration LOOK_AT_DELETION_AGAIN = Duration.ofSeconds(2);

  /**
   * How long a pod on a lost node, or a namespace with somebody else's finalizer, may hold up the
   * deletion.
   */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final Clock clock;
  private final MeshWorkflow workflow;
  private final StatusFactory statuses;
  private final TransitionEvents events;
  private final Counter failedApplies;

  /**
   * Makes a reconciler.
   *
   * @param release what the operator adds to a MeshInstall
   * @param clock the time
   * @param meters where it counts
   */
  public MeshInstallReconciler(Release release, Clock clock, MeterRegistry meters) {
    this.clock = clock;
    this.workflow = new MeshWorkflow(release);
    this.statuses = new StatusFactory(clock);
    this.events = new TransitionEvents(clock, meters);
    this.failedApplies =
        Counter.builder("heddle.operator.apply.failures")
            .description("Objects of a mesh that could not be applied")
            .register(meters);
  }

  @Override
  public List<EventSource<?, MeshInstall>> prepareEventSources(
      EventSourceContext<MeshInstall> context) {
    return workflow.eventSources(context);
  }

  @Override
  public UpdateControl<MeshInstall> reconcile(MeshInstall install, Context<MeshInstall> context) {
    Optional<MeshInstall> holder = holder(install, context);
    Map<String, String> failures = holder.isPresent() ? Map.of() : apply(install, context);
    MeshInstallStatus status = statuses.status(observe(install, holder, failures, context));
    update(install, status, context);
    UpdateControl<MeshInstall> control = UpdateControl.noUpdate();
    if (!failures.isEmpty()) {
      control.rescheduleAfter(RETRY_FAILED_APPLY);
    } else if (install.getSpec().certificateAuthority().rootSecretName() != null
        && !isTrue(status, StatusFactory.CERTIFICATE_AUTHORITY_READY)) {
      control.rescheduleAfter(LOOK_AT_USERS_SECRET_AGAIN);
    }
    return control;
  }

  @Override
  public DeleteControl cleanup(MeshInstall install, Context<MeshInstall> context) {
    if (holder(install, context).isPresent()) {
      return DeleteControl.defaultDelete();
    }
    Mesh mesh = workflow.mesh(install);
    workflow.delete(install, context);
    long pods = context.getSecondaryResources(Pod.class).size();
    if (pods > 0 && isPatient(install, "%d pods of the mesh still end".formatted(pods))) {
      return again();
    }
    WrittenObjects.delete(mesh, context.getClient());
    Optional<Namespace> namespace =
        context
            .getSecondaryResource(Namespace.class)
            .filter(actual -> MeshNamespace.belongsTo(install, actual));
    if (namespace.isPresent()) {
      context.getClient().namespaces().withName(mesh.namespace()).delete();
      if (isPatient(install, "namespace %s is being deleted".formatted(mesh.namespace()))) {
        return again();
      }
    }
    LOG.info("MeshInstall {}: removed", mesh.name());
    return DeleteControl.defaultDelete();
  }

  @Override
  public ErrorStatusUpdateControl<MeshInstall> updateErrorStatus(
      MeshInstall install, Context<MeshInstall> context, Exception failure) {
    LOG.warn(
        "MeshInstall {}: not reconciled, trying again", install.getMetadata().getName(), failure);
    return ErrorStatusUpdateControl.noStatusUpdate();
  }

  private Map<String, String> apply(MeshInstall install, Context<MeshInstall> context) {
    Map<String, String> failures = new TreeMap<>(workflow.apply(install, context));
    failures.forEach((object, reason) ->
        LOG.warn(
            "MeshInstall {}: {} not applied: {}", install.getMetadata().getName(), object, reason));
    failedApplies.increment(failures.size());
    context
        .getSecondaryResource(Namespace.class)
        .filter(MeshNamespace::isTerminating)
        .ifPresent(namespace ->
            failures.put(
                "Namespace " + namespace.getMetadata().getName(),
                "is being deleted; it is made anew when it is gone"));
    return failures;
  }

  /**
   * Writes the status if it changed, and sees to it that the next reconciliation knows of it, lest
   * it tells people twice.
   */
  private void update(MeshInstall install, MeshInstallStatus status, Context<MeshInstall> context) {
    MeshInstallStatus before =
        Objects.requireNonNullElse(install.getStatus(), MeshInstallStatus.EMPTY);
    if (!before.equals(status)) {
      PrimaryUpdateAndCacheUtils.ssaPatchStatusAndCacheResource(
          install, withStatus(install, status), context);
      events.record(install, Transition.between(before, status), context.getClient());
    }
  }

  /**
   * What server-side apply of a status takes: a name and the status, nothing that is the user's.
   */
  private static MeshInstall withStatus(MeshInstall install, MeshInstallStatus status) {
    MeshInstall patch = new MeshInstall();
    patch.getMetadata().setName(install.getMetadata().getName());
    patch.setStatus(status);
    return patch;
  }

  private MeshObservation observe(
      MeshInstall install,
      Optional<MeshInstall> holder,
      Map<String, String> failures,
      Context<MeshInstall> context) {
    Mesh mesh = workflow.mesh(install);
    return new MeshObservation(
        install,
        mesh.tag(),
        holder.map(other -> other.getMetadata().getName()),
        component(
            MeshObjects.CERTIFICATE_AUTHORITY,
            mesh.spec().certificateAuthority().replicas(),
            context),
        component(MeshObjects.SMI_ADAPTER, mesh.spec().smiAdapter().replicas(), context),
        CertificateSecret.of(mesh.namespace(), mesh.rootSecret(), root(mesh, context)),
        watched(mesh, MeshObjects.INTERMEDIATE_SECRET, context),
        watched(mesh, MeshObjects.WEBHOOK_SECRET, context),
        context
            .getSecondaryResource(MutatingWebhookConfiguration.class)
            .flatMap(MeshInstallReconciler::caBundle),
        failures);
  }

  private static ComponentObservation component(
      String name, int replicas, Context<MeshInstall> context) {
    return new ComponentObservation(
        name,
        replicas,
        context
            .getSecondaryResourcesAsStream(Deployment.class)
            .filter(deployment -> deployment.getMetadata().getName().equals(name))
            .findFirst(),
        context
            .getSecondaryResourcesAsStream(Pod.class)
            .filter(pod -> name.equals(pod.getMetadata().getLabels().get(Labels.COMPONENT)))
            .toList());
  }

  private static CertificateSecret watched(Mesh mesh, String name, Context<MeshInstall> context) {
    return CertificateSecret.of(
        mesh.namespace(), name, context.getSecondaryResource(Secret.class, name));
  }

  private static Optional<Secret> root(Mesh mesh, Context<MeshInstall> context) {
    String name = mesh.rootSecret();
    return EventSources.secretNames().contains(name)
        ? context.getSecondaryResource(Secret.class, name)
        : Optional.ofNullable(
            context.getClient().secrets().inNamespace(mesh.namespace()).withName(name).get());
  }

  private static Optional<String> caBundle(MutatingWebhookConfiguration webhooks) {
    return webhooks.getWebhooks().stream()
        .map(webhook -> webhook.getClientConfig().getCaBundle())
        .filter(Objects::nonNull)
        .findFirst();
  }

  private static Optional<MeshInstall> holder(MeshInstall install, Context<MeshInstall> context) {
    return NamespaceClaims.holder(install, Siblings.all(context));
  }

  private boolean isPatient(MeshInstall install, String waitingFor) {
    boolean patient =
        Instant.parse(install.getMetadata().getDeletionTimestamp())
            .plus(PATIENCE)
            .isAfter(clock.instant());
    if (patient) {
      LOG.info("MeshInstall {}: {}", install.getMetadata().getName(), waitingFor);
    } else {
      LOG.warn(
          "MeshInstall {}: {} after {} s; not waiting any longer",
          install.getMetadata().getName(),
          waitingFor,
          PATIENCE.toSeconds());
    }
    return patient;
  }

  private static DeleteControl again() {
    return DeleteControl.noFinalizerRemoval().rescheduleAfter(LOOK_AT_DELETION_AGAIN.toMillis());
  }

  private static boolean isTrue(MeshInstallStatus status, String condition) {
    return status
        .condition(condition)
        .filter(found -> found.status() == Condition.Status.TRUE)
        .isPresent();
  }
}
