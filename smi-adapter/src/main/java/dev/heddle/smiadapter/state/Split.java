package dev.heddle.smiadapter.state;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;

/**
 * Traffic to one service, shared out among several.
 *
 * @param source the object of the user that says so
 * @param apex the service whose traffic is shared out
 * @param apexField where the user named the apex, for messages, such as {@code spec.service}
 * @param backends who gets it; the apex among them means its own endpoints
 * @param conditions any of which a request has to fulfil to be shared out; empty: everything is
 * @param created when the object was created: of several splits of one apex the oldest holds
 */
public record Split(
    ObjectReference source,
    ObjectName apex,
    String apexField,
    List<WeightedBackend> backends,
    List<SplitCondition> conditions,
    Instant created) {

  /** Oldest first; of the same age, by name. */
  public static final Comparator<Split> BY_AGE =
      Comparator.comparing(Split::created).thenComparing(split -> split.source().name());

  /** Copies the lists. */
  public Split {
    backends = List.copyOf(backends);
    conditions = List.copyOf(conditions);
  }
}
