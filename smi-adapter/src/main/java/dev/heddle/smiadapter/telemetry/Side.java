package dev.heddle.smiadapter.telemetry;

/** Who measured. */
public enum Side {
  /** The one who sent the requests. */
  CLIENT,
  /** The one who answered them. */
  SERVER
}
