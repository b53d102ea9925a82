package dev.heddle.crds.install;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Whether and how a proxy logs each request. */
public enum AccessLog {
  /** Not at all. */
  @JsonProperty("off")
  OFF,
  /** One JSON object per line. */
  @JsonProperty("json")
  JSON
}
