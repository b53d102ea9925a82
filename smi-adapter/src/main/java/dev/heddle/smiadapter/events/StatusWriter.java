package dev.heddle.smiadapter.events;

import dev.heddle.smiadapter.state.Acceptance;
import dev.heddle.smiadapter.state.ObjectReference;
import dev.heddle.smiadapter.state.ObservedObject;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the condition {@code Accepted} into the status of objects, at most {@link #PER_SECOND} a
 * second. Of each object only the last one waits. Nothing but the status is written.
 */
public final class StatusWriter implements AcceptanceReporter.Writer, AutoCloseable {

  private static final Logger LOGGER = LoggerFactory.getLogger(StatusWriter.class);
  private static final int PER_SECOND = 20;
  private static final int MAX_WAITING = 10_000;
  private static final int NOT_FOUND = 404;
  private static final int CONFLICT = 409;
  private static final String FIELD_MANAGER = "heddle-smi-adapter";

  private record Wish(ObservedObject object, Acceptance acceptance) {}

  private final Map<ObjectReference, Wish> waiting = new LinkedHashMap<>();
  private final KubernetesClient client;
  private final MeterRegistry registry;
  private final Clock clock;
  private final Thread thread;

  /** Starts to write, in the background. */
  public StatusWriter(KubernetesClient client, MeterRegistry registry, Clock clock) {
    this.client = client;
    this.registry = registry;
    this.clock = clock;
    this.thread = Thread.ofPlatform().name("status").daemon().start(this::run);
  }

  @Override
  public void write(ObservedObject object, Acceptance acceptance) {
    synchronized (waiting) {
      if (waiting.size() < MAX_WAITING || waiting.containsKey(object.reference())) {
        waiting.put(object.reference(), new Wish(object, acceptance));
        waiting.notifyAll();
        return;
      }
    }
    count("dropped");
    LOGGER.warn("More than {} statuses wait; not written: {}", MAX_WAITING, object.reference());
  }

  @Override
  public void close() {
    thread.interrupt();
  }

  private void run() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        write(take());
        TimeUnit.MILLISECONDS.sleep(Duration.ofSeconds(1).toMillis() / PER_SECOND);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Wish take() throws InterruptedException {
    synchronized (waiting) {
      while (waiting.isEmpty()) {
        waiting.wait();
      }
      ObjectReference first = waiting.keySet().iterator().next();
      return Objects.requireNonNull(waiting.remove(first));
    }
  }

  private void write(Wish wish) {
    try {
      patch(wish);
      count("written");
    } catch (KubernetesClientException e) {
      if (e.getCode() == NOT_FOUND || e.getCode() == CONFLICT) {
        // The object, or its kind's status, is gone meanwhile; what comes in its place is told of.
        count("gone");
      } else {
        failed(wish, e);
      }
    } catch (RuntimeException e) {
      failed(wish, e);
    }
  }

  private void failed(Wish wish, RuntimeException e) {
    count("failed");
    LOGGER.warn(
        "The status of {} could not be written: {}", wish.object().reference(), e.getMessage());
  }

  private void patch(Wish wish) {
    ObjectReference reference = wish.object().reference();
    String[] groupAndVersion = reference.apiVersion().split("/", 2);
    ResourceDefinitionContext kind =
        new ResourceDefinitionContext.Builder()
            .withGroup(groupAndVersion[0])
            .withVersion(groupAndVersion[1])
            .withKind(reference.kind())
            .withPlural(wish.object().plural())
            .withNamespaced(true)
            .build();
    client
        .genericKubernetesResources(kind)
        .inNamespace(reference.name().namespace())
        .withName(reference.name().name())
        .subresource("status")
        .patch(
            new PatchContext.Builder()
                .withPatchType(PatchType.SERVER_SIDE_APPLY)
                .withFieldManager(FIELD_MANAGER)
                .withForce(true)
                .build(),
            Serialization.asYaml(applied(wish)));
  }

  private GenericKubernetesResource applied(Wish wish) {
    ObjectReference reference = wish.object().reference();
    GenericKubernetesResource applied = new GenericKubernetesResource();
    applied.setApiVersion(reference.apiVersion());
    applied.setKind(reference.kind());
    // The uid makes it fail on an object of the same name that came in place of this one.
    applied.setMetadata(
        new ObjectMetaBuilder()
            .withNamespace(reference.name().namespace())
            .withName(reference.name().name())
            .withUid(reference.uid().isEmpty() ? null : reference.uid())
            .build());
    applied.setAdditionalProperty("status", Map.of("conditions", List.of(condition(wish))));
    return applied;
  }

  private Map<String, Object> condition(Wish wish) {
    Acceptance acceptance = wish.acceptance();
    Map<String, Object> condition = new LinkedHashMap<>();
    condition.put("type", "Accepted");
    condition.put("status", acceptance.accepted() ? "True" : "False");
    condition.put("reason", acceptance.reason());
    condition.put("message", acceptance.message());
    condition.put("lastTransitionTime", since(wish));
    condition.put("observedGeneration", acceptance.generation());
    return condition;
  }

  /** When it became so: what the object says, unless it said otherwise. */
  private String since(Wish wish) {
    Acceptance shown = wish.object().shown();
    String since = wish.object().since();
    return shown != null && since != null && shown.accepted() == wish.acceptance().accepted()
        ? since
        : clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
  }

  private void count(String outcome) {
    registry.counter("heddle_status_writes", "outcome", outcome).increment();
  }
}
