package dev.heddle.dataplane.config;

import java.util.List;

/**
 * TLS towards an endpoint.
 *
 * @param serverName the SNI; empty for none
 * @param subjectAlternativeNames exact URI SANs any of which the peer must show; empty accepts any
 *     of the trust anchors
 */
public record UpstreamTls(
    TlsCertificate certificate,
    String serverName,
    List<String> subjectAlternativeNames,
    List<String> applicationProtocols) {
  public UpstreamTls {
    subjectAlternativeNames = List.copyOf(subjectAlternativeNames);
    applicationProtocols = List.copyOf(applicationProtocols);
  }
}
