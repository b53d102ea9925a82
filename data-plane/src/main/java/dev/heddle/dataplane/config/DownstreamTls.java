package dev.heddle.dataplane.config;

import java.util.List;

/**
 * TLS that a listener terminates.
 *
 * @param certificate where the server's certificate is
 * @param requireClientCertificate whether a client without a certificate of a trust anchor is
 *     refused
 */
public record DownstreamTls(
    TlsCertificate certificate,
    boolean requireClientCertificate,
    List<String> applicationProtocols) {
  public DownstreamTls {
    applicationProtocols = List.copyOf(applicationProtocols);
  }
}
