package dev.heddle.dataplane.telemetry;

/** Why the proxy answered itself or cut a stream; the codes are Envoy's response flags. */
public enum ResponseFlag {
  NO_ROUTE("NR"),
  NO_CLUSTER("NC"),
  NO_HEALTHY_ENDPOINT("UH"),
  UPSTREAM_CONNECTION_FAILURE("UF"),
  UPSTREAM_CONNECTION_TERMINATION("UC"),
  UPSTREAM_RESET("UR"),
  UPSTREAM_TIMEOUT("UT"),
  UPSTREAM_OVERFLOW("UO"),
  UPSTREAM_RETRY_LIMIT_EXCEEDED("URX"),
  DOWNSTREAM_TERMINATION("DC"),
  DOWNSTREAM_PROTOCOL_ERROR("DPE"),
  UPSTREAM_PROTOCOL_ERROR("UPE"),
  STREAM_IDLE_TIMEOUT("SI"),
  REQUEST_TIMEOUT("RT"),
  ACCESS_DENIED("RBAC"),
  DIRECT_RESPONSE("DR"),
  FAULT_INJECTED("FI"),
  DELAY_INJECTED("DI"),
  RATE_LIMITED("RL"),
  UNAUTHORIZED("UAEX"),
  OVERLOAD("OM");

  private final String code;

  ResponseFlag(String code) {
    this.code = code;
  }

  public String code() {
    return code;
  }
}
