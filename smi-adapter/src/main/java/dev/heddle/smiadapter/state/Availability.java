package dev.heddle.smiadapter.state;

/** Whether an endpoint may get traffic. */
public enum Availability {
  /** It takes new connections and requests. */
  READY,
  /** It is being stopped: what it has may finish, new work goes elsewhere. */
  TERMINATING,
  /** It cannot serve. */
  NOT_READY
}
