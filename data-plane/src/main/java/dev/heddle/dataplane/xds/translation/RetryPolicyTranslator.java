package dev.heddle.dataplane.xds.translation;

import dev.heddle.dataplane.config.RetryOn;
import dev.heddle.dataplane.config.RetryOn.Condition;
import dev.heddle.dataplane.config.RouteConfiguration.RetryPolicy;
import io.envoyproxy.envoy.config.route.v3.RetryPolicy.RetryBackOff;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** envoy.config.route.v3.RetryPolicy. */
final class RetryPolicyTranslator {

  private static final int MAX_RETRIES = 10;

  /** Envoy's. */
  private static final int DEFAULT_RETRIES = 1;

  private RetryPolicyTranslator() {}

  static RetryPolicy policy(
      io.envoyproxy.envoy.config.route.v3.RetryPolicy policy, FieldPath path) {
    path.allowOnly(
        policy,
        Set.of(
            "retry_on",
            "num_retries",
            "retry_back_off",
            "per_try_timeout",
            "retriable_status_codes"),
        Set.of("host_selection_retry_max_attempts", "retry_host_predicate"));
    int retries = policy.hasNumRetries() ? policy.getNumRetries().getValue() : DEFAULT_RETRIES;
    if (retries < 0 || retries > MAX_RETRIES) {
      throw path.field("num_retries")
          .invalid(Integer.toUnsignedString(retries), "0 to " + MAX_RETRIES);
    }
    Duration base = RetryPolicy.DEFAULT_BACK_OFF;
    Duration longest = base.multipliedBy(RetryPolicy.DEFAULT_GROWTH);
    if (policy.hasRetryBackOff()) {
      FieldPath at = path.field("retry_back_off");
      RetryBackOff intervals = policy.getRetryBackOff();
      base = base(intervals, at);
      longest = longest(intervals, base, at);
    }
    return new RetryPolicy(
        policy.getRetryOn().isEmpty() ? 0 : retries,
        on(policy, path),
        policy.hasPerTryTimeout()
            ? Values.duration(policy.getPerTryTimeout(), path.field("per_try_timeout"))
            : Duration.ZERO,
        base,
        longest);
  }

  private static RetryOn on(
      io.envoyproxy.envoy.config.route.v3.RetryPolicy policy, FieldPath path) {
    Map<String, Condition> known = Condition.byName();
    Set<Condition> conditions = new HashSet<>();
    for (String name : policy.getRetryOn().split(",", -1)) {
      Condition condition = known.get(name.strip());
      if (condition != null) {
        conditions.add(condition);
      } else if (!policy.getRetryOn().isEmpty()) {
        throw path.field("retry_on")
            .invalid('"' + name + '"', "any of " + known.keySet().stream().sorted().toList());
      }
    }
    Set<Integer> statusCodes = new HashSet<>();
    for (int i = 0; i < policy.getRetriableStatusCodesCount(); i++) {
      int status = policy.getRetriableStatusCodes(i);
      if (status < 200 || status > 599) {
        throw path.element("retriable_status_codes", i)
            .invalid(Integer.toUnsignedString(status), "200 to 599");
      }
      statusCodes.add(status);
    }
    return new RetryOn(conditions, statusCodes);
  }

  private static Duration base(RetryBackOff intervals, FieldPath path) {
    path.allowOnly(intervals, Set.of("base_interval", "max_interval"));
    FieldPath at = path.field("base_interval");
    Duration base = Values.duration(intervals.getBaseInterval(), at);
    if (!base.isPositive()) {
      throw at.invalid(base, "above 0");
    }
    return base;
  }

  private static Duration longest(RetryBackOff intervals, Duration base, FieldPath path) {
    if (!intervals.hasMaxInterval()) {
      return base.multipliedBy(RetryPolicy.DEFAULT_GROWTH);
    }
    FieldPath at = path.field("max_interval");
    Duration longest = Values.duration(intervals.getMaxInterval(), at);
    if (longest.compareTo(base) < 0) {
      throw at.invalid(longest, "no less than base_interval, " + base);
    }
    return longest;
  }
}
