package dev.heddle.dataplane.xds.translation;

import com.google.protobuf.UInt32Value;
import dev.heddle.dataplane.config.Cluster.Limits;
import dev.heddle.dataplane.config.Cluster.RetryBudget;
import io.envoyproxy.envoy.config.cluster.v3.CircuitBreakers;
import io.envoyproxy.envoy.config.cluster.v3.CircuitBreakers.Thresholds;
import io.envoyproxy.envoy.config.core.v3.RoutingPriority;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** envoy.config.cluster.v3.CircuitBreakers; what a threshold leaves out has Envoy's default. */
final class CircuitBreakerTranslator {
  private static final int DEFAULT = 1024;
  private static final int DEFAULT_RETRIES = 3;
  private static final double DEFAULT_BUDGET_PERCENT = 20;

  private CircuitBreakerTranslator() {}

  static Limits limits(CircuitBreakers breakers, FieldPath path) {
    path.allowOnly(breakers, Set.of("thresholds"));
    Limits limits = Limits.DEFAULT;
    for (int i = 0; i < breakers.getThresholdsCount(); i++) {
      Thresholds thresholds = breakers.getThresholds(i);
      FieldPath at = path.element("thresholds", i);
      at.allowOnly(
          thresholds,
          Set.of(
              "priority",
              "max_connections",
              "max_pending_requests",
              "max_requests",
              "max_retries",
              "retry_budget"),
          Set.of("track_remaining"));
      // Routes of another priority than the default are refused, so their thresholds never apply.
      if (thresholds.getPriority() == RoutingPriority.DEFAULT) {
        limits = limits(thresholds, at);
      }
    }
    return limits;
  }

  private static Limits limits(Thresholds thresholds, FieldPath path) {
    return new Limits(
        limit(thresholds.hasMaxConnections(), thresholds.getMaxConnections(), DEFAULT),
        limit(thresholds.hasMaxPendingRequests(), thresholds.getMaxPendingRequests(), DEFAULT),
        limit(thresholds.hasMaxRequests(), thresholds.getMaxRequests(), DEFAULT),
        limit(thresholds.hasMaxRetries(), thresholds.getMaxRetries(), DEFAULT_RETRIES),
        thresholds.hasRetryBudget()
            ? budget(thresholds.getRetryBudget(), path.field("retry_budget"))
            : null,
        true);
  }

  /** What is beyond an int is as good as unlimited. */
  private static int limit(boolean present, UInt32Value value, int otherwise) {
    if (!present) {
      return otherwise;
    }
    return value.getValue() < 0 ? Integer.MAX_VALUE : value.getValue();
  }

  private static @Nullable RetryBudget budget(Thresholds.RetryBudget budget, FieldPath path) {
    path.allowOnly(budget, Set.of("budget_percent", "min_retry_concurrency"));
    double percent =
        budget.hasBudgetPercent() ? budget.getBudgetPercent().getValue() : DEFAULT_BUDGET_PERCENT;
    if (!(percent >= 0 && percent <= 100)) {
      throw path.field("budget_percent").field("value").invalid(percent, "0 to 100");
    }
    return new RetryBudget(
        percent,
        limit(budget.hasMinRetryConcurrency(), budget.getMinRetryConcurrency(), DEFAULT_RETRIES));
  }
}
