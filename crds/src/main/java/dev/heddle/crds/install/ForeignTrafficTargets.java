package dev.heddle.crds.install;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What a TrafficTarget means whose destination is in another namespace than itself. */
public enum ForeignTrafficTargets {
  /** Nothing: only those who may write in a namespace decide who may call it. */
  @JsonProperty("refused")
  REFUSED,
  /** The same as any other. */
  @JsonProperty("allowed")
  ALLOWED
}
