package dev.heddle.crds.install;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Whether traffic that nothing grants is allowed. */
public enum AccessControl {
  /** Every workload may call every other. */
  @JsonProperty("permissive")
  PERMISSIVE,
  /** Nothing is allowed but what is granted. */
  @JsonProperty("enforced")
  ENFORCED
}
