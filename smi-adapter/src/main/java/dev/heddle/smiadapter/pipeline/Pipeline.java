package dev.heddle.smiadapter.pipeline;

import dev.heddle.smiadapter.resources.ResourceKey;
import dev.heddle.smiadapter.state.Change;
import dev.heddle.smiadapter.state.Finding;
import dev.heddle.smiadapter.state.Grant;
import dev.heddle.smiadapter.state.MeshState;
import dev.heddle.smiadapter.state.ObjectName;
import dev.heddle.smiadapter.state.ObjectReference;
import dev.heddle.smiadapter.state.Observation;
import dev.heddle.smiadapter.state.Split;
import dev.heddle.smiadapter.translate.IncrementalTranslation;
import dev.heddle.smiadapter.translate.ResourceDelta;
import dev.heddle.smiadapter.translate.Unit;
import dev.heddle.smiadapter.xds.ResourceStore;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns what was seen into state, resources and findings, on one thread. A change that comes when
 * nothing else happens goes out at once; of those that come in quick succession, all that have come
 * within {@link #PAUSE} go out together.
 */
public final class Pipeline implements AutoCloseable {

  /** Is told what is to be said to users. Called on the pipeline's thread; must not block. */
  @FunctionalInterface
  public interface FindingListener {
    /**
     * Replaces what was found before at the same origin.
     *
     * @param origin where the findings come from
     * @param findings all that is found there now
     */
    void found(Object origin, Collection<Finding> findings);
  }

  /** Is told what has been seen and translated. Called on the pipeline's thread; must not block. */
  @FunctionalInterface
  public interface ObservationListener {
    /** Notes what was seen of an object, when findings about it have been told. */
    void observed(Observation observation);
  }

  /** Where the finding comes from that a proxy would not take what a unit comes to. */
  private record RejectionOf(Unit unit) {}

  /** A rejection that has yet to be told. */
  private record Rejection(Collection<ResourceKey> resources, String message) {}

  private static final Logger LOGGER = LoggerFactory.getLogger(Pipeline.class);
  private static final Duration PAUSE = Duration.ofMillis(5);
  private static final Duration IDLE = Duration.ofSeconds(1);
  private static final Duration TERMINATION = Duration.ofSeconds(5);
  private static final int MAX_REJECTIONS = 100;

  private final ObservationQueue queue;
  private final IncrementalTranslation translation;
  private final ResourceStore store;
  private final FindingListener findings;
  private final ObservationListener observations;
  private final Timer translating;
  private final Counter failures;
  private final Thread thread;
  private final BlockingQueue<Rejection> rejections = new ArrayBlockingQueue<>(MAX_REJECTIONS);
  private final CountDownLatch first = new CountDownLatch(1);
  private volatile boolean closed;
  private volatile MeshState current;

  /** Prepares the pipeline. */
  public Pipeline(
      ObservationQueue queue,
      MeshState initial,
      ResourceStore store,
      FindingListener findings,
      ObservationListener observations,
      MeterRegistry registry) {
    this.queue = queue;
    this.translation = new IncrementalTranslation(initial);
    this.current = initial;
    this.store = store;
    this.findings = findings;
    this.observations = observations;
    this.translating =
        Timer.builder("heddle_translation")
            .description("From a batch of changes to the resources served")
            .register(registry);
    this.failures =
        Counter.builder("heddle_translation_failures")
            .description("Units that kept their old resources because translating them failed")
            .register(registry);
    Gauge.builder("heddle_observation_queue", queue, ObservationQueue::size)
        .description("Objects whose change waits to be translated")
        .register(registry);
    countObjects(registry, "Service", state -> state.services().count());
    countObjects(registry, "Pod", state -> state.workloads().count());
    countObjects(registry, "Split", state -> state.splits().count());
    countObjects(registry, "Grant", state -> state.grants().count());
    this.thread = Thread.ofPlatform().name("pipeline").daemon().unstarted(this::run);
  }

  /** Starts; what is in the queue by now is translated first, as one. */
  public void start() {
    thread.start();
  }

  /** Whether what was in the queue at the start is being served. */
  public boolean translated() {
    return first.getCount() == 0;
  }

  /**
   * Waits until what was in the queue at the start is being served.
   *
   * @throws InterruptedException if the waiting thread is to end
   */
  public void awaitTranslated() throws InterruptedException {
    first.await();
  }

  /** What the mesh knows now. */
  public MeshState state() {
    return current;
  }

  /** Why nothing is translated any more, if the thread has ended before its time. */
  public Optional<String> stopped() {
    return translated() && !thread.isAlive() && !closed
        ? Optional.of("the thread that translates has ended")
        : Optional.empty();
  }

  /** Notes what a proxy would not take, so that its user hears of it. */
  public void rejected(Collection<ResourceKey> resources, String message) {
    if (!rejections.offer(new Rejection(resources, message))) {
      LOGGER.warn("More than {} rejections wait; one is only logged", MAX_REJECTIONS);
    }
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join(TERMINATION);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void countObjects(MeterRegistry registry, String kind, ToLongFunction<MeshState> count) {
    Gauge.builder("heddle_state_objects", () -> count.applyAsLong(current))
        .description("Objects that are part of what the mesh knows")
        .tag("kind", kind)
        .register(registry);
  }

  private void run() {
    try {
      publish(translation.translateAll(), System.nanoTime());
      step(Duration.ZERO);
      first.countDown();
      while (!closed) {
        step(IDLE);
        // Whatever comes meanwhile goes out with the next batch.
        TimeUnit.NANOSECONDS.sleep(PAUSE.toNanos());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void step(Duration timeout) throws InterruptedException {
    ObservationQueue.Batch batch = queue.take(timeout.toNanos(), TimeUnit.NANOSECONDS);
    if (!batch.observations().isEmpty()) {
      translating.record(() -> process(batch));
    }
    reportRejections();
  }

  private void process(ObservationQueue.Batch batch) {
    try {
      List<Change> changes = batch.observations().stream().map(Observation::change).toList();
      publish(translation.apply(changes), batch.since());
      current = translation.state();
      for (Observation seen : batch.observations()) {
        findings.found(seen.change().key(), seen.findings());
        observations.observed(seen);
      }
    } catch (RuntimeException e) {
      failures.increment();
      LOGGER.error("A batch of {} changes failed", batch.observations().size(), e);
    }
  }

  private void publish(ResourceDelta delta, long since) {
    delta
        .failures()
        .forEach((unit, failure) -> {
          failures.increment();
          LOGGER.error("{} cannot be translated and stays as it was", unit, failure);
        });
    if (!delta.isEmpty()) {
      store.update(delta.changed(), delta.removed(), since);
    }
    delta
        .findings()
        .forEach((unit, found) -> {
          findings.found(unit, found);
          // What a proxy said was about what the unit came to before.
          findings.found(new RejectionOf(unit), List.of());
        });
  }

  private void reportRejections() {
    Rejection rejection = rejections.poll();
    while (rejection != null) {
      String message = rejection.message();
      rejection.resources().stream()
          .flatMap(key -> translation.unitOf(key).stream())
          .distinct()
          .forEach(unit -> reportRejection(unit, message));
      rejection = rejections.poll();
    }
  }

  private void reportRejection(Unit unit, String message) {
    blamed(unit)
        .ifPresent(object ->
            findings.found(
                new RejectionOf(unit),
                List.of(
                    new Finding(
                        object,
                        "spec",
                        "a proxy rejects what this comes to and stays with what it had: "
                            + message))));
  }

  /** The object whose user is told: the split that holds, or else the service or pod itself. */
  private Optional<ObjectReference> blamed(Unit unit) {
    return switch (unit) {
      case Unit.Mesh() -> Optional.empty();
      case Unit.OfGrant(ObjectName name) -> translation.state().grant(name).map(Grant::source);
      case Unit.OfWorkload(ObjectName name) ->
          Optional.of(new ObjectReference("v1", "Pod", name, ""));
      case Unit.OfService(ObjectName name) ->
          Optional.of(
              translation.state().splitsOf(name).stream()
                  .findFirst()
                  .map(Split::source)
                  .orElseGet(() -> new ObjectReference("v1", "Service", name, "")));
    };
  }
}
