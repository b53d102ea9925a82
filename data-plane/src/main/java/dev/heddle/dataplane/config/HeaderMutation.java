package dev.heddle.dataplane.config;

/** One change of a message's headers (envoy.config.core.v3.HeaderValueOption). */
public sealed interface HeaderMutation {

  /** Lower case. */
  String name();

  /** All values of the name go. */
  record Remove(String name) implements HeaderMutation {}

  /**
   * A value comes.
   *
   * @param keepEmpty whether the header is written when its value turns out to be empty
   */
  record Set(String name, HeaderTemplate value, When when, boolean keepEmpty)
      implements HeaderMutation {}

  /** What becomes of the values that are there. */
  enum When {
    /** They stay, and the new one comes behind them. */
    APPEND,
    /** They stay, and nothing is added; the new one comes only if there is none. */
    IF_ABSENT,
    /** They go. */
    OVERWRITE,
    /** They go; if there is none, nothing is added. */
    IF_PRESENT
  }
}
