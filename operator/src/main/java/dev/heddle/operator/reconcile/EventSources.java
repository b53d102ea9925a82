package dev.heddle.operator.reconcile;

import dev.heddle.crds.install.MeshInstall;
import dev.heddle.operator.resources.Labels;
import dev.heddle.operator.resources.MeshObjects;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.javaoperatorsdk.operator.api.config.informer.FieldSelectorBuilder;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * What the operator watches. Each source sees no more than what a mesh is made of, by label or by
 * name.
 */
final class EventSources {
  /** The source of all other MeshInstalls, for which this one may have to make way. */
  static final String SIBLINGS = "meshinstall-siblings";

  private EventSources() {}

  /** Objects that carry a mesh's labels, in whatever namespace. */
  static <R extends HasMetadata> InformerEventSource<R, MeshInstall> labelled(
      Class<R> kind, EventSourceContext<MeshInstall> context) {
    return new InformerEventSource<>(
        InformerEventSourceConfiguration.from(kind, MeshInstall.class)
            .withName(kind.getSimpleName())
            .withWatchAllNamespaces()
            .withLabelSelector(Labels.selector())
            .withSecondaryToPrimaryMapper(EventSources::byLabel)
            .build(),
        context);
  }

  /** Secrets of one name, so that no other Secret of the cluster is ever held in memory. */
  static InformerEventSource<Secret, MeshInstall> secret(
      String name, EventSourceContext<MeshInstall> context) {
    return new InformerEventSource<>(
        InformerEventSourceConfiguration.from(Secret.class, MeshInstall.class)
            .withName(name)
            .withWatchAllNamespaces()
            .withFieldSelector(new FieldSelectorBuilder().withField("metadata.name", name).build())
            .withSecondaryToPrimaryMapper(secret ->
                installs(
                    context,
                    install ->
                        install.getSpec().namespace().equals(secret.getMetadata().getNamespace())))
            .withPrimaryToSecondaryMapper((MeshInstall install) ->
                Set.of(new ResourceID(name, install.getSpec().namespace())))
            .build(),
        context);
  }

  /** All namespaces, because that of a mesh may be somebody else's and carry no label. */
  static InformerEventSource<Namespace, MeshInstall> namespaces(
      EventSourceContext<MeshInstall> context) {
    return new InformerEventSource<>(
        InformerEventSourceConfiguration.from(Namespace.class, MeshInstall.class)
            .withName("Namespace")
            .withWatchAllNamespaces()
            .withSecondaryToPrimaryMapper(namespace ->
                installs(
                    context,
                    install ->
                        install.getSpec().namespace().equals(namespace.getMetadata().getName())))
            .withPrimaryToSecondaryMapper(
                (MeshInstall install) -> Set.of(new ResourceID(install.getSpec().namespace())))
            .build(),
        context);
  }

  /** A definition by its name. All meshes look at it: when one gives it up, another takes it. */
  static InformerEventSource<CustomResourceDefinition, MeshInstall> definition(
      String name, EventSourceContext<MeshInstall> context) {
    return new InformerEventSource<>(
        InformerEventSourceConfiguration.from(CustomResourceDefinition.class, MeshInstall.class)
            .withName(name)
            .withWatchAllNamespaces()
            .withFieldSelector(new FieldSelectorBuilder().withField("metadata.name", name).build())
            .withSecondaryToPrimaryMapper(definition -> installs(context, install -> true))
            .withPrimaryToSecondaryMapper((MeshInstall install) -> Set.of(new ResourceID(name)))
            .build(),
        context);
  }

  /** Other MeshInstalls: when one goes, another that waits for its namespace is looked at again. */
  static InformerEventSource<MeshInstall, MeshInstall> siblings(
      EventSourceContext<MeshInstall> context) {
    return new InformerEventSource<>(
        InformerEventSourceConfiguration.from(MeshInstall.class, MeshInstall.class)
            .withName(SIBLINGS)
            .withWatchAllNamespaces()
            .withOnUpdateFilter((now, before) -> false)
            .withSecondaryToPrimaryMapper(sibling ->
                installs(
                    context,
                    install ->
                        !Objects.equals(
                                install.getMetadata().getUid(), sibling.getMetadata().getUid())
                            && install.getSpec().namespace().equals(sibling.getSpec().namespace())))
            .withPrimaryToSecondaryMapper((MeshInstall install) -> Set.of())
            .build(),
        context);
  }

  private static Set<ResourceID> byLabel(HasMetadata object) {
    return Optional.ofNullable(object.getMetadata().getLabels())
        .map((Map<String, String> labels) -> labels.get(Labels.MESH_INSTALL))
        .map(install -> Set.of(new ResourceID(install)))
        .orElse(Set.of());
  }

  private static Set<ResourceID> installs(
      EventSourceContext<MeshInstall> context, Predicate<MeshInstall> wanted) {
    return context
        .getPrimaryCache()
        .list(wanted)
        .map(ResourceID::fromResource)
        .collect(Collectors.toUnmodifiableSet());
  }

  /** The names of the Secrets that the certificate authority keeps. */
  static Set<String> secretNames() {
    return Set.of(
        MeshObjects.ROOT_SECRET,
        MeshObjects.INTERMEDIATE_SECRET,
        MeshObjects.WEBHOOK_ROOT_SECRET,
        MeshObjects.WEBHOOK_SECRET);
  }
}
