package dev.heddle.smiadapter.state;

/**
 * A share of a split.
 *
 * @param service the service that gets it
 * @param weight its share relative to the other backends', at least 0; 0 means no traffic
 * @param field where the user wrote it, for messages, such as {@code spec.backends[1]}
 */
public record WeightedBackend(ObjectName service, long weight, String field) {

  /** Refuses a negative weight. */
  public WeightedBackend {
    if (weight < 0) {
      throw new IllegalArgumentException("weight: " + weight + " (expected: >= 0)");
    }
  }
}
