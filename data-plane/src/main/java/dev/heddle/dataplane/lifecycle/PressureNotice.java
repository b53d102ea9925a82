package dev.heddle.dataplane.lifecycle;

/**
 * User event fired through the pipeline of every downstream connection when the proxy runs short of
 * connections or memory. A handler that has had nothing to do for a while, or whose client makes no
 * progress, ends its connection; whoever works is left alone.
 */
public enum PressureNotice {
  INSTANCE
}
