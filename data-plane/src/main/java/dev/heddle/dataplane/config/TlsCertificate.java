package dev.heddle.dataplane.config;

/** Which certificate and trust anchors a TLS context uses. */
public sealed interface TlsCertificate {

  /** The workload's own identity, rotated while it serves (SDS secrets of Heddle). */
  record Workload() implements TlsCertificate {}

  /**
   * Files or inline PEM of an Envoy bootstrap.
   *
   * @param certificateChainPem empty where no certificate is shown
   * @param privateKeyPem empty where no certificate is shown
   * @param trustAnchorsPem empty where the peer is not verified
   */
  record Static(String certificateChainPem, String privateKeyPem, String trustAnchorsPem)
      implements TlsCertificate {
    @Override
    public String toString() {
      return "Static[private key withheld]";
    }
  }
}
