package dev.heddle.dataplane.lifecycle;

/**
 * User event fired through the pipeline of every downstream connection when the proxy runs short of
 * connections or memory. A handler that has had nothing to do for a while, or whose client makes no
 * progress, ends its connection; whoever works is left alone.
 */
public enum PressureNotice {
  INSTANCE;

  /** How long a connection may have had nothing to do, or not have come to the point. */
  public static final long PATIENCE_NANOS = 1_000_000_000L;
}
