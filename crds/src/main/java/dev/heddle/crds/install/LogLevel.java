package dev.heddle.crds.install;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How much a process logs about itself. */
public enum LogLevel {
  @JsonProperty("error")
  ERROR,
  @JsonProperty("warn")
  WARN,
  @JsonProperty("info")
  INFO,
  @JsonProperty("debug")
  DEBUG
}
