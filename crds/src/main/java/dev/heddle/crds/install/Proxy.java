package dev.heddle.crds.install;

import java.util.List;
import java.util.Objects;

/**
 * The proxies that are injected from now on.
 *
 * @param resources compute resources of each
 * @param concurrency number of event loops
 * @param accessLog whether each request is logged
 * @param logLevel how much a proxy logs about itself
 * @param drainTimeoutSeconds how long a proxy told to stop lets requests in flight finish
 * @param skipInboundPorts ports of the app that clients reach without the proxy
 * @param skipOutboundPorts ports that the app reaches without the proxy
 */
public record Proxy(
    ComputeResources resources,
    Integer concurrency,
    AccessLog accessLog,
    LogLevel logLevel,
    Integer drainTimeoutSeconds,
    List<PortRange> skipInboundPorts,
    List<PortRange> skipOutboundPorts) {

  private static final ComputeResources RESOURCES = ComputeResources.of("50m", "64Mi", "192Mi");
  private static final int CONCURRENCY = 1;
  private static final int DRAIN_TIMEOUT_SECONDS = 30;

  /** One event loop, no access log, every port captured. */
  public static final Proxy DEFAULT =
      new Proxy(
          RESOURCES,
          CONCURRENCY,
          AccessLog.OFF,
          LogLevel.INFO,
          DRAIN_TIMEOUT_SECONDS,
          List.of(),
          List.of());

  public Proxy {
    resources = Objects.requireNonNullElse(resources, RESOURCES);
    concurrency = Objects.requireNonNullElse(concurrency, CONCURRENCY);
    accessLog = Objects.requireNonNullElse(accessLog, AccessLog.OFF);
    logLevel = Objects.requireNonNullElse(logLevel, LogLevel.INFO);
    drainTimeoutSeconds = Objects.requireNonNullElse(drainTimeoutSeconds, DRAIN_TIMEOUT_SECONDS);
    skipInboundPorts = List.copyOf(Objects.requireNonNullElse(skipInboundPorts, List.of()));
    skipOutboundPorts = List.copyOf(Objects.requireNonNullElse(skipOutboundPorts, List.of()));
  }
}
