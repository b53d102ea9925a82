package dev.heddle.smiadapter.events;

import dev.heddle.smiadapter.state.Finding;
import dev.heddle.smiadapter.state.ObjectName;
import dev.heddle.smiadapter.state.ObjectReference;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes findings as Events on the objects they are about, at most {@link #PER_SECOND} a second.
 * The same finding again renews the Event there is.
 */
public final class EventPublisher implements AutoCloseable {

  private static final Logger LOGGER = LoggerFactory.getLogger(EventPublisher.class);
  private static final int PER_SECOND = 10;
  private static final int MAX_WAITING = 1_000;
  private static final int CONFLICT = 409;
  private static final String REASON = "NotHonoured";
  private static final String COMPONENT = "heddle-smi-adapter";

  /** The API server refuses longer ones (core/v1 Event validation). */
  private static final int MAX_MESSAGE = 1_024;

  private final BlockingQueue<Finding> waiting = new ArrayBlockingQueue<>(MAX_WAITING);
  private final KubernetesClient client;
  private final MeterRegistry registry;
  private final Clock clock;
  private final Thread thread;

  /** Starts to write, in the background. */
  public EventPublisher(KubernetesClient client, MeterRegistry registry, Clock clock) {
    this.client = client;
    this.registry = registry;
    this.clock = clock;
    this.thread = Thread.ofPlatform().name("events").daemon().start(this::run);
  }

  /** Hands over a finding; when too many wait it is only logged and counted. */
  public void publish(Finding finding) {
    if (!waiting.offer(finding)) {
      registry.counter("heddle_events", "outcome", "dropped").increment();
      LOGGER.warn("More than {} Events wait; not written: {}", MAX_WAITING, finding);
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }

  private void run() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        write(waiting.take());
        TimeUnit.MILLISECONDS.sleep(Duration.ofSeconds(1).toMillis() / PER_SECOND);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void write(Finding finding) {
    Event event = event(finding);
    try {
      create(event);
      registry.counter("heddle_events", "outcome", "written").increment();
    } catch (RuntimeException e) {
      registry.counter("heddle_events", "outcome", "failed").increment();
      LOGGER.warn("The Event for {} could not be written: {}", finding, e.getMessage());
    }
  }

  private void create(Event event) {
    try {
      client.v1().events().resource(event).create();
    } catch (KubernetesClientException e) {
      if (e.getCode() != CONFLICT) {
        throw e;
      }
      // There is one already: it only has to look recent, which takes no permission to read.
      client
          .v1()
          .events()
          .inNamespace(event.getMetadata().getNamespace())
          .withName(event.getMetadata().getName())
          .patch(
              PatchContext.of(PatchType.JSON_MERGE),
              "{\"lastTimestamp\":\"" + event.getLastTimestamp() + "\"}");
    }
  }

  private Event event(Finding finding) {
    ObjectReference object = finding.object();
    ObjectName name = object.name();
    String message = finding.field() + ": " + finding.reason();
    String now = clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
    UUID id = UUID.nameUUIDFromBytes((object.uid() + finding).getBytes(StandardCharsets.UTF_8));
    return new EventBuilder()
        .withNewMetadata()
        .withNamespace(name.namespace())
        .withName(name.name() + "." + id)
        .endMetadata()
        .withNewInvolvedObject()
        .withApiVersion(object.apiVersion())
        .withKind(object.kind())
        .withNamespace(name.namespace())
        .withName(name.name())
        .withUid(object.uid().isEmpty() ? null : object.uid())
        .endInvolvedObject()
        .withType("Warning")
        .withReason(REASON)
        .withMessage(message.length() <= MAX_MESSAGE ? message : message.substring(0, MAX_MESSAGE))
        .withNewSource()
        .withComponent(COMPONENT)
        .endSource()
        .withReportingComponent(COMPONENT)
        .withFirstTimestamp(now)
        .withLastTimestamp(now)
        .withCount(1)
        .build();
  }
}
