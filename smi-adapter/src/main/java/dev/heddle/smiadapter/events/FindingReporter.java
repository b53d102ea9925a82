package dev.heddle.smiadapter.events;

import dev.heddle.smiadapter.state.Finding;
import dev.heddle.smiadapter.state.ObjectReference;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows everything that cannot be honoured now, and speaks of each once: when it is found, or, for
 * a replica that becomes the one to speak, then.
 */
public final class FindingReporter {

  private static final Logger LOGGER = LoggerFactory.getLogger(FindingReporter.class);

  private final Map<Object, Set<Finding>> current = new HashMap<>();
  private final BooleanSupplier speaking;
  private final Consumer<Finding> publisher;

  /**
   * Prepares the reporter.
   *
   * @param speaking whether this replica is the one that speaks
   * @param publisher tells the user; must not block
   */
  public FindingReporter(
      BooleanSupplier speaking, Consumer<Finding> publisher, MeterRegistry registry) {
    this.speaking = speaking;
    this.publisher = publisher;
    Gauge.builder("heddle_findings", this, FindingReporter::count)
        .description("Fields that cannot be honoured")
        .register(registry);
    Gauge.builder("heddle_refused_objects", this, FindingReporter::objects)
        .description("Objects that cannot be honoured in full")
        .register(registry);
  }

  /** Replaces what was found before at the same origin. */
  public synchronized void found(Object origin, Collection<Finding> findings) {
    Set<Finding> now = new LinkedHashSet<>(findings);
    Set<Finding> before = now.isEmpty() ? current.remove(origin) : current.put(origin, now);
    for (Finding finding : now) {
      if (before == null || !before.contains(finding)) {
        LOGGER.warn("{}", finding);
        if (speaking.getAsBoolean()) {
          publisher.accept(finding);
        }
      }
    }
  }

  /** Speaks of everything that holds now. */
  public synchronized void repeat() {
    current.values().forEach(findings -> findings.forEach(publisher));
  }

  private synchronized int count() {
    return current.values().stream().mapToInt(Set::size).sum();
  }

  private synchronized int objects() {
    return (int)
        current.values().stream()
            .flatMap(Set::stream)
            .map(Finding::object)
            .map(ObjectReference::toString)
            .distinct()
            .count();
  }
}
