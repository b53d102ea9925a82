package dev.heddle.smiadapter.events;

import dev.heddle.smiadapter.state.Acceptance;
import dev.heddle.smiadapter.state.Change;
import dev.heddle.smiadapter.state.Finding;
import dev.heddle.smiadapter.state.ObjectName;
import dev.heddle.smiadapter.state.ObjectReference;
import dev.heddle.smiadapter.state.Observation;
import dev.heddle.smiadapter.state.ObservedObject;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Knows of every object of users whether it is in force, and has it written where the object does
 * not say so: when it is found, or, for a replica that becomes the one to write, then.
 */
public final class AcceptanceReporter {

  /** Has a status written; must not block. */
  @FunctionalInterface
  public interface Writer {
    /** Writes a status, in place of any that waits for the same object. */
    void write(ObservedObject object, Acceptance acceptance);
  }

  private static final String ACCEPTED = "Accepted";
  private static final String PARTLY_HONOURED = "PartlyHonoured";
  private static final String NOT_HONOURED = "NotHonoured";

  /** As much as an Event says, so that both say the same. */
  private static final int MAX_MESSAGE = 1_024;

  /** What findings and observations of one object have in common. */
  private record Key(String kind, ObjectName name) {
    static Key of(ObjectReference reference) {
      return new Key(reference.kind(), reference.name());
    }
  }

  private final Map<Change.Key, ObservedObject> observed = new HashMap<>();
  private final Map<Key, ObservedObject> objects = new HashMap<>();
  private final Map<Object, Set<Finding>> findings = new HashMap<>();
  private final Map<Key, Set<Object>> origins = new HashMap<>();
  private final Map<Key, Acceptance> acceptances = new HashMap<>();
  private final Set<String> kinds = new LinkedHashSet<>();
  private final BooleanSupplier writing;
  private final Writer writer;
  private final MeterRegistry registry;

  /**
   * Prepares the reporter.
   *
   * @param writing whether this replica is the one that writes
   * @param writer writes a status; must not block
   */
  public AcceptanceReporter(BooleanSupplier writing, Writer writer, MeterRegistry registry) {
    this.writing = writing;
    this.writer = writer;
    this.registry = registry;
  }

  /** Replaces what was found before at the same origin. */
  public synchronized void found(Object origin, Collection<Finding> now) {
    Set<Finding> after = new LinkedHashSet<>(now);
    Set<Finding> before = after.isEmpty() ? findings.remove(origin) : findings.put(origin, after);
    Set<Key> touched = new LinkedHashSet<>();
    if (before != null) {
      for (Finding finding : before) {
        Key key = Key.of(finding.object());
        touched.add(key);
        origins.computeIfPresent(
            key,
            (same, known) -> {
              known.remove(origin);
              return known.isEmpty() ? null : known;
            });
      }
    }
    for (Finding finding : after) {
      Key key = Key.of(finding.object());
      touched.add(key);
      origins.computeIfAbsent(key, same -> new LinkedHashSet<>()).add(origin);
    }
    touched.forEach(this::judge);
  }

  /** Notes an object, or that it is gone, once what it says has been translated. */
  public synchronized void observed(Observation observation) {
    Change.Key changed = observation.change().key();
    ObservedObject now = observation.object();
    if (now == null) {
      ObservedObject gone = observed.remove(changed);
      if (gone != null) {
        Key key = Key.of(gone.reference());
        objects.remove(key);
        acceptances.remove(key);
      }
      return;
    }
    observed.put(changed, now);
    Key key = Key.of(now.reference());
    objects.put(key, now);
    count(key.kind());
    judge(key);
  }

  /** Has everything written that objects do not say. */
  public synchronized void repeat() {
    acceptances.forEach((key, acceptance) -> {
      ObservedObject object = objects.get(key);
      if (object != null) {
        write(object, acceptance);
      }
    });
  }

  private void judge(Key key) {
    ObservedObject object = objects.get(key);
    if (object == null) {
      return;
    }
    Acceptance acceptance = acceptance(key, object.generation());
    acceptances.put(key, acceptance);
    if (writing.getAsBoolean()) {
      write(object, acceptance);
    }
  }

  private void write(ObservedObject object, Acceptance acceptance) {
    if (object.statusServed() && !acceptance.equals(object.shown())) {
      writer.write(object, acceptance);
    }
  }

  private Acceptance acceptance(Key key, long generation) {
    List<Finding> about = about(key);
    if (about.isEmpty()) {
      return new Acceptance(true, ACCEPTED, "In force.", generation);
    }
    boolean whole = about.stream().anyMatch(finding -> finding.extent() == Finding.Extent.WHOLE);
    String message =
        about.stream()
            .map(finding -> finding.field() + ": " + finding.reason())
            .distinct()
            .collect(Collectors.joining("; "));
    return new Acceptance(
        !whole,
        whole ? NOT_HONOURED : PARTLY_HONOURED,
        message.length() <= MAX_MESSAGE ? message : message.substring(0, MAX_MESSAGE),
        generation);
  }

  /** In an order that does not depend on when they were found. */
  private List<Finding> about(Key key) {
    List<Finding> about = new ArrayList<>();
    for (Object origin : origins.getOrDefault(key, Set.of())) {
      @Nullable Set<Finding> found = findings.get(origin);
      if (found != null) {
        found.stream().filter(finding -> Key.of(finding.object()).equals(key)).forEach(about::add);
      }
    }
    about.sort(Comparator.comparing(Finding::field).thenComparing(Finding::reason));
    return about;
  }

  private void count(String kind) {
    if (kinds.add(kind)) {
      for (String outcome : List.of(ACCEPTED, PARTLY_HONOURED, NOT_HONOURED)) {
        Gauge.builder("heddle_objects", this, reporter -> reporter.count(kind, outcome))
            .description("Objects of users by whether they are in force")
            .tag("kind", kind)
            .tag("outcome", outcome)
            .register(registry);
      }
    }
  }

  private synchronized long count(String kind, String outcome) {
    return acceptances.entrySet().stream()
        .filter(entry -> entry.getKey().kind().equals(kind))
        .filter(entry -> entry.getValue().reason().equals(outcome))
        .count();
  }
}
