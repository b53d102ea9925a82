package dev.heddle.dataplane.admin;

import dev.heddle.meshapi.process.ReadinessCheck;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Whether traffic may be sent here: from when everything was there once until the drain. What goes
 * missing later, such as the control plane, makes nothing worse by being gone.
 */
public final class Readiness {

  private final Map<String, ReadinessCheck> conditions = new LinkedHashMap<>();
  private volatile boolean reached;
  private volatile boolean draining;

  /**
   * Not ready until every condition held at one time.
   *
   * @param conditions by name; must not block
   */
  public Readiness(Map<String, ReadinessCheck> conditions) {
    this.conditions.putAll(conditions);
  }

  /** Not ready from now on. */
  public void drain() {
    draining = true;
  }

  /** Each condition as a check of its own, so that a probe lists all that is missing. */
  public Map<String, ReadinessCheck> checks() {
    Map<String, ReadinessCheck> checks = new LinkedHashMap<>();
    checks.put(
        "drain", () -> draining ? Optional.of("the proxy is being drained") : Optional.empty());
    conditions.forEach((name, condition) -> checks.put(name, () -> missing(condition)));
    return checks;
  }

  public boolean isReady() {
    return checks().values().stream().allMatch(check -> check.missing().isEmpty());
  }

  private Optional<String> missing(ReadinessCheck condition) {
    if (reached) {
      return Optional.empty();
    }
    Optional<String> missing = condition.missing();
    if (missing.isEmpty()
        && conditions.values().stream().allMatch(each -> each.missing().isEmpty())) {
      reached = true;
    }
    return missing;
  }
}
