package dev.heddle.smiadapter.settings;

import java.time.Duration;

/**
 * What {@code mesh.yaml} of the ConfigMap {@code heddle-mesh} says to the webhooks and about
 * traffic metrics. What translation depends on is {@code dev.heddle.smiadapter.state.MeshSettings}.
 *
 * @param trustDomain the SPIFFE trust domain
 * @param foreignTrafficTargets whether a TrafficTarget may grant access to another namespace than
 *     its own
 * @param proxy the proxies to inject
 * @param metricsWindow the span of time that traffic metrics are about
 */
public record MeshConfiguration(
    String trustDomain,
    boolean foreignTrafficTargets,
    ProxySettings proxy,
    Duration metricsWindow) {

  /** What {@link #metricsWindow} is where nothing is said. */
  public static final Duration DEFAULT_METRICS_WINDOW = Duration.ofSeconds(30);
}
