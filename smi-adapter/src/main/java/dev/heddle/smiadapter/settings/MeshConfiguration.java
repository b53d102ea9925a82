package dev.heddle.smiadapter.settings;

/**
 * What {@code mesh.yaml} of the ConfigMap {@code heddle-mesh} says to the webhooks. What
 * translation depends on is {@code dev.heddle.smiadapter.state.MeshSettings}.
 *
 * @param trustDomain the SPIFFE trust domain
 * @param foreignTrafficTargets whether a TrafficTarget may grant access to another namespace than
 *     its own
 * @param proxy the proxies to inject
 */
public record MeshConfiguration(
    String trustDomain, boolean foreignTrafficTargets, ProxySettings proxy) {}
