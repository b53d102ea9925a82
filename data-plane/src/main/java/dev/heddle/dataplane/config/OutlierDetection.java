package dev.heddle.dataplane.config;

import java.time.Duration;

/**
 * When an endpoint that answers badly is set aside for a while
 * (envoy.config.cluster.v3.OutlierDetection). An {@code enforcing} value is the share, in percent,
 * of the cases in which that is done; 0 switches a detection off.
 *
 * @param consecutiveErrors 5xx answers and failures in a row, at least 1
 * @param consecutiveGatewayErrors 502, 503, 504 and failures in a row, at least 1
 * @param consecutiveLocalFailures failures to connect, time-outs and resets in a row, at least 1;
 *     only where they are told apart
 * @param splitLocalFailures whether failures without an answer are counted apart from answers
 * @param ejectTooManyRequests whether 429 counts as an error: the endpoint says that it has too
 *     much
 * @param interval between evaluations of rates, and between looks at who may come back
 * @param baseEjectionTime of the first ejection; it grows with each
 * @param maxEjectionTime no less than {@code baseEjectionTime}
 * @param ejectionJitter the longest random time added
 * @param maxEjectionPercent of the endpoints set aside at the same time
 * @param alwaysEjectOne whether one may be set aside whatever the share says
 * @param unejectWhenChecked whether an active health check that succeeds brings an endpoint back
 */
public record OutlierDetection(
    int consecutiveErrors,
    int enforcingConsecutiveErrors,
    int consecutiveGatewayErrors,
    int enforcingConsecutiveGatewayErrors,
    int consecutiveLocalFailures,
    int enforcingConsecutiveLocalFailures,
    boolean splitLocalFailures,
    boolean ejectTooManyRequests,
    Duration interval,
    Duration baseEjectionTime,
    Duration maxEjectionTime,
    Duration ejectionJitter,
    int maxEjectionPercent,
    boolean alwaysEjectOne,
    boolean unejectWhenChecked,
    SuccessRate successRate,
    FailurePercentage failurePercentage) {

  /**
   * An endpoint whose success rate is far below that of the others.
   *
   * @param minimumHosts endpoints with enough requests, at least
   * @param requestVolume requests of an endpoint in an interval, at least
   * @param deviations standard deviations below the mean
   * @param enforcingLocal the same for failures without an answer
   */
  public record SuccessRate(
      int minimumHosts, int requestVolume, double deviations, int enforcing, int enforcingLocal) {}

  /**
   * An endpoint of which a fixed share of requests fails.
   *
   * @param threshold percent
   * @param minimumHosts endpoints with enough requests, at least
   * @param requestVolume requests of an endpoint in an interval, at least
   * @param enforcingLocal the same for failures without an answer
   */
  public record FailurePercentage(
      int threshold, int minimumHosts, int requestVolume, int enforcing, int enforcingLocal) {}
}
