package dev.heddle.smiadapter.kubernetes;

import dev.heddle.smiadapter.state.ObjectName;
import dev.heddle.smiadapter.state.Observation;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches a kind whose definition may be installed, and removed, at any time: watches the
 * definition, and the objects while it is there and established.
 *
 * <p>Objects of a definition of ours are first listed when the API server converts them: one that
 * is stored in an older version would be listed in a shape that is not its own, and never be heard
 * of again. Once listed they stay, whatever becomes of the conversion.
 */
final class OptionalKindWatch implements AutoCloseable {

  private static final Logger LOGGER = LoggerFactory.getLogger(OptionalKindWatch.class);

  private static final String PART_OF = "app.kubernetes.io/part-of";
  private static final String HEDDLE = "heddle";
  private static final String WEBHOOK = "Webhook";

  private final KubernetesClient client;
  private final FrontEnd frontEnd;
  private final Consumer<Observation> sink;
  private final MeterRegistry registry;
  private final String definitionName;
  private final SharedIndexInformer<CustomResourceDefinition> definition;
  private final Set<ObjectName> present = new HashSet<>();
  private @Nullable Feed<GenericKubernetesResource> objects;
  private volatile boolean statusServed;

  OptionalKindWatch(
      KubernetesClient client,
      FrontEnd frontEnd,
      Consumer<Observation> sink,
      MeterRegistry registry) {
    this.client = client;
    this.frontEnd = frontEnd;
    this.sink = sink;
    this.registry = registry;
    this.definitionName = frontEnd.kind().getPlural() + "." + frontEnd.kind().getGroup();
    this.definition =
        client
            .apiextensions()
            .v1()
            .customResourceDefinitions()
            .withName(definitionName)
            .runnableInformer(0)
            .exceptionHandler((started, failure) -> {
              registry
                  .counter("heddle_watch_failures", "kind", "CustomResourceDefinition")
                  .increment();
              LOGGER.warn(
                  "Watching the definition of {} failed, trying again: {}",
                  kind(),
                  failure.toString());
              return true;
            })
            .addEventHandler(new DefinitionHandler());
  }

  void start() {
    definition
        .start()
        .whenComplete((nothing, failure) -> {
          if (failure != null) {
            LOGGER.error("Watching the definition of {} could not be started", kind(), failure);
          }
        });
  }

  String kind() {
    return frontEnd.kind().getKind();
  }

  /**
   * Whether every object there is has been reported; also when the kind does not exist, but not
   * while it exists and its objects cannot be listed.
   */
  synchronized boolean synced() {
    if (!definition.hasSynced()) {
      return false;
    }
    boolean exists = definition.getStore().list().stream().anyMatch(this::served);
    return objects == null ? !exists : objects.synced();
  }

  @Override
  public synchronized void close() {
    definition.stop();
    if (objects != null) {
      objects.close();
      objects = null;
    }
  }

  private synchronized void appeared() {
    if (objects == null) {
      LOGGER.info("{} is installed; watching its objects", definitionName);
      ResourceDefinitionContext kind = frontEnd.kind();
      objects =
          new Feed<>(
              kind.getKind(),
              client.genericKubernetesResources(kind).inAnyNamespace(),
              () -> newItem(kind),
              new FrontEndMapping(),
              sink,
              registry);
      objects.start();
    }
  }

  private synchronized void disappeared() {
    if (objects != null) {
      LOGGER.info("{} is not installed any more", definitionName);
      objects.close();
      objects = null;
      present.forEach(name -> sink.accept(frontEnd.removed(name)));
      present.clear();
    }
  }

  private boolean served(CustomResourceDefinition crd) {
    String version = frontEnd.kind().getVersion();
    boolean hasVersion =
        Absent.orEmpty(crd.getSpec().getVersions()).stream()
            .anyMatch(offered ->
                offered.getName().equals(version) && Boolean.TRUE.equals(offered.getServed()));
    return hasVersion
        && crd.getMetadata().getDeletionTimestamp() == null
        && crd.getStatus() != null
        && Absent.orEmpty(crd.getStatus().getConditions()).stream()
            .anyMatch(condition ->
                condition.getType().equals("Established") && condition.getStatus().equals("True"));
  }

  private static boolean converted(CustomResourceDefinition crd) {
    boolean ours =
        HEDDLE.equals(Absent.orEmpty(crd.getMetadata().getLabels()).get(PART_OF))
            && crd.getSpec().getVersions().size() > 1;
    return !ours
        || (crd.getSpec().getConversion() != null
            && WEBHOOK.equals(crd.getSpec().getConversion().getStrategy()));
  }

  /** Whether a status can be written to objects of the version watched. */
  private boolean hasStatus(CustomResourceDefinition crd) {
    String version = frontEnd.kind().getVersion();
    return Absent.orEmpty(crd.getSpec().getVersions()).stream()
        .filter(offered -> offered.getName().equals(version))
        .anyMatch(offered ->
            offered.getSubresources() != null && offered.getSubresources().getStatus() != null);
  }

  private static GenericKubernetesResource newItem(ResourceDefinitionContext kind) {
    GenericKubernetesResource item = new GenericKubernetesResource();
    item.setApiVersion(kind.getGroup() + "/" + kind.getVersion());
    item.setKind(kind.getKind());
    return item;
  }

  private final class DefinitionHandler implements ResourceEventHandler<CustomResourceDefinition> {
    @Override
    public void onAdd(CustomResourceDefinition crd) {
      onUpdate(crd, crd);
    }

    @Override
    public void onUpdate(CustomResourceDefinition before, CustomResourceDefinition after) {
      if (served(after)) {
        if (converted(after)) {
          statusServed = hasStatus(after);
          appeared();
        } else {
          LOGGER.info("{} is installed; waiting for its objects to be converted", definitionName);
        }
      } else {
        disappeared();
      }
    }

    @Override
    public void onDelete(CustomResourceDefinition crd, boolean finalStateUnknown) {
      disappeared();
    }
  }

  /** Remembers which objects are there, for the day their definition goes. */
  private final class FrontEndMapping implements Mapping<GenericKubernetesResource> {
    @Override
    public Observation observed(GenericKubernetesResource object) {
      synchronized (OptionalKindWatch.this) {
        present.add(Names.of(object));
      }
      return frontEnd
          .compile(object)
          .about(AcceptedCondition.observe(object, frontEnd.kind(), statusServed));
    }

    @Override
    public Optional<Observation> removed(ObjectName name) {
      synchronized (OptionalKindWatch.this) {
        present.remove(name);
      }
      return Optional.of(frontEnd.removed(name));
    }
  }
}
