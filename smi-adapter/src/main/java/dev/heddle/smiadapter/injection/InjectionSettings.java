package dev.heddle.smiadapter.injection;

import dev.heddle.smiadapter.settings.ProxySettings;

/**
 * What an injected proxy is told.
 *
 * @param meshNamespace where Heddle runs
 * @param trustDomain the SPIFFE trust domain
 * @param xdsAddress {@code host:port} of the adapter
 * @param certificateAuthorityAddress {@code host:port} of the CA
 * @param trustAnchors PEM
 * @param proxy how it runs
 */
public record InjectionSettings(
    String meshNamespace,
    String trustDomain,
    String xdsAddress,
    String certificateAuthorityAddress,
    String trustAnchors,
    ProxySettings proxy) {}
