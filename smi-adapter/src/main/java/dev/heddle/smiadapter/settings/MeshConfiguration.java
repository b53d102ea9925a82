package dev.heddle.smiadapter.settings;

/**
 * What {@code mesh.yaml} of the ConfigMap {@code heddle-mesh} says about injected pods. What
 * translation depends on is {@code dev.heddle.smiadapter.state.MeshSettings}.
 *
 * @param trustDomain the SPIFFE trust domain
 * @param proxy the proxies to inject
 */
public record MeshConfiguration(String trustDomain, ProxySettings proxy) {}
