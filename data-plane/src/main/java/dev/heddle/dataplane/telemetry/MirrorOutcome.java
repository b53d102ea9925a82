package dev.heddle.dataplane.telemetry;

/** What became of the copy of a request. */
public enum MirrorOutcome {
  ANSWERED,
  FAILED,
  TIMEOUT,
  NO_ENDPOINT,
  /** The configuration has no such cluster. */
  NO_CLUSTER,
  /** Its body is beyond what is kept. */
  TOO_LARGE,
  /** Too many of them are on their way. */
  OVERFLOW
}
