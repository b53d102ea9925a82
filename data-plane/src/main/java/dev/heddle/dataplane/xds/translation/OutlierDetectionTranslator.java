package dev.heddle.dataplane.xds.translation;

import com.google.protobuf.UInt32Value;
import dev.heddle.dataplane.config.OutlierDetection;
import dev.heddle.dataplane.config.OutlierDetection.FailurePercentage;
import dev.heddle.dataplane.config.OutlierDetection.SuccessRate;
import java.time.Duration;
import java.util.Set;

/** envoy.config.cluster.v3.OutlierDetection; the defaults are Envoy's. */
final class OutlierDetectionTranslator {
  private static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(10);
  private static final Duration DEFAULT_EJECTION = Duration.ofSeconds(30);
  private static final Duration DEFAULT_LONGEST_EJECTION = Duration.ofMinutes(5);

  private OutlierDetectionTranslator() {}

  /**
   * Reads the settings.
   *
   * @param tooManyRequests whether 429 is an error; Envoy's message has no field for it
   */
  static OutlierDetection detection(
      io.envoyproxy.envoy.config.cluster.v3.OutlierDetection from,
      boolean tooManyRequests,
      FieldPath path) {
    path.allowOnly(
        from,
        Set.of(
            "consecutive_5xx",
            "interval",
            "base_ejection_time",
            "max_ejection_percent",
            "enforcing_consecutive_5xx",
            "enforcing_success_rate",
            "success_rate_minimum_hosts",
            "success_rate_request_volume",
            "success_rate_stdev_factor",
            "consecutive_gateway_failure",
            "enforcing_consecutive_gateway_failure",
            "split_external_local_origin_errors",
            "consecutive_local_origin_failure",
            "enforcing_consecutive_local_origin_failure",
            "enforcing_local_origin_success_rate",
            "failure_percentage_threshold",
            "enforcing_failure_percentage",
            "enforcing_failure_percentage_local_origin",
            "failure_percentage_minimum_hosts",
            "failure_percentage_request_volume",
            "max_ejection_time",
            "max_ejection_time_jitter",
            "successful_active_health_check_uneject_host",
            "always_eject_one_host"));
    Duration base =
        from.hasBaseEjectionTime()
            ? positive(from.getBaseEjectionTime(), path.field("base_ejection_time"))
            : DEFAULT_EJECTION;
    Duration longest =
        from.hasMaxEjectionTime()
            ? positive(from.getMaxEjectionTime(), path.field("max_ejection_time"))
            : base.compareTo(DEFAULT_LONGEST_EJECTION) > 0 ? base : DEFAULT_LONGEST_EJECTION;
    if (longest.compareTo(base) < 0) {
      throw path.field("max_ejection_time").invalid(longest, "no less than base_ejection_time");
    }
    return new OutlierDetection(
        count(from.hasConsecutive5Xx(), from.getConsecutive5Xx(), 5, path, "consecutive_5xx"),
        percent(
            from.hasEnforcingConsecutive5Xx(),
            from.getEnforcingConsecutive5Xx(),
            100,
            path,
            "enforcing_consecutive_5xx"),
        count(
            from.hasConsecutiveGatewayFailure(),
            from.getConsecutiveGatewayFailure(),
            5,
            path,
            "consecutive_gateway_failure"),
        percent(
            from.hasEnforcingConsecutiveGatewayFailure(),
            from.getEnforcingConsecutiveGatewayFailure(),
            0,
            path,
            "enforcing_consecutive_gateway_failure"),
        count(
            from.hasConsecutiveLocalOriginFailure(),
            from.getConsecutiveLocalOriginFailure(),
            5,
            path,
            "consecutive_local_origin_failure"),
        percent(
            from.hasEnforcingConsecutiveLocalOriginFailure(),
            from.getEnforcingConsecutiveLocalOriginFailure(),
            100,
            path,
            "enforcing_consecutive_local_origin_failure"),
        from.getSplitExternalLocalOriginErrors(),
        tooManyRequests,
        from.hasInterval()
            ? positive(from.getInterval(), path.field("interval"))
            : DEFAULT_INTERVAL,
        base,
        longest,
        Values.duration(from.getMaxEjectionTimeJitter(), path.field("max_ejection_time_jitter")),
        percent(
            from.hasMaxEjectionPercent(),
            from.getMaxEjectionPercent(),
            10,
            path,
            "max_ejection_percent"),
        from.getAlwaysEjectOneHost().getValue(),
        !from.hasSuccessfulActiveHealthCheckUnejectHost()
            || from.getSuccessfulActiveHealthCheckUnejectHost().getValue(),
        successRate(from, path),
        failurePercentage(from, path));
  }

  private static SuccessRate successRate(
      io.envoyproxy.envoy.config.cluster.v3.OutlierDetection from, FieldPath path) {
    return new SuccessRate(
        count(
            from.hasSuccessRateMinimumHosts(),
            from.getSuccessRateMinimumHosts(),
            5,
            path,
            "success_rate_minimum_hosts"),
        count(
            from.hasSuccessRateRequestVolume(),
            from.getSuccessRateRequestVolume(),
            100,
            path,
            "success_rate_request_volume"),
        count(
                from.hasSuccessRateStdevFactor(),
                from.getSuccessRateStdevFactor(),
                1900,
                path,
                "success_rate_stdev_factor")
            / 1000.0,
        percent(
            from.hasEnforcingSuccessRate(),
            from.getEnforcingSuccessRate(),
            100,
            path,
            "enforcing_success_rate"),
        percent(
            from.hasEnforcingLocalOriginSuccessRate(),
            from.getEnforcingLocalOriginSuccessRate(),
            100,
            path,
            "enforcing_local_origin_success_rate"));
  }

  private static FailurePercentage failurePercentage(
      io.envoyproxy.envoy.config.cluster.v3.OutlierDetection from, FieldPath path) {
    return new FailurePercentage(
        percent(
            from.hasFailurePercentageThreshold(),
            from.getFailurePercentageThreshold(),
            85,
            path,
            "failure_percentage_threshold"),
        count(
            from.hasFailurePercentageMinimumHosts(),
            from.getFailurePercentageMinimumHosts(),
            5,
            path,
            "failure_percentage_minimum_hosts"),
        count(
            from.hasFailurePercentageRequestVolume(),
            from.getFailurePercentageRequestVolume(),
            50,
            path,
            "failure_percentage_request_volume"),
        percent(
            from.hasEnforcingFailurePercentage(),
            from.getEnforcingFailurePercentage(),
            0,
            path,
            "enforcing_failure_percentage"),
        percent(
            from.hasEnforcingFailurePercentageLocalOrigin(),
            from.getEnforcingFailurePercentageLocalOrigin(),
            0,
            path,
            "enforcing_failure_percentage_local_origin"));
  }

  private static Duration positive(com.google.protobuf.Duration duration, FieldPath path) {
    Duration value = Values.duration(duration, path);
    if (value.isZero()) {
      throw path.invalid("0s", "> 0s");
    }
    return value;
  }

  private static int percent(
      boolean present, UInt32Value value, int otherwise, FieldPath path, String field) {
    if (!present) {
      return otherwise;
    }
    if (value.getValue() < 0 || value.getValue() > 100) {
      throw path.field(field).invalid(Integer.toUnsignedString(value.getValue()), "0 to 100");
    }
    return value.getValue();
  }

  private static int count(
      boolean present, UInt32Value value, int otherwise, FieldPath path, String field) {
    return present ? Values.atLeastOne(value, path.field(field)) : otherwise;
  }
}
