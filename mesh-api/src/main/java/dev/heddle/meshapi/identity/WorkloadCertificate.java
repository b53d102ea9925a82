package dev.heddle.meshapi.identity;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/**
 * What a workload proves its identity with.
 *
 * @param privateKey the key of the leaf
 * @param chain the leaf first, then its issuers up to, not including, a trust anchor
 * @param trustAnchors all roots that peers may chain to
 * @param id what the leaf states
 * @param notBefore when the leaf begins to be valid
 * @param notAfter when the leaf ends to be valid
 */
public record WorkloadCertificate(
    PrivateKey privateKey,
    List<X509Certificate> chain,
    List<X509Certificate> trustAnchors,
    SpiffeId id,
    Instant notBefore,
    Instant notAfter) {
  public WorkloadCertificate {
    chain = List.copyOf(chain);
    trustAnchors = List.copyOf(trustAnchors);
    if (chain.isEmpty()) {
      throw new IllegalArgumentException("chain: empty (expected: the leaf at least)");
    }
    if (trustAnchors.isEmpty()) {
      throw new IllegalArgumentException("trust anchors: empty (expected: at least 1)");
    }
  }

  /** Takes validity from the leaf. */
  public static WorkloadCertificate of(
      PrivateKey privateKey,
      List<X509Certificate> chain,
      List<X509Certificate> trustAnchors,
      SpiffeId id) {
    X509Certificate leaf = chain.getFirst();
    return new WorkloadCertificate(
        privateKey,
        chain,
        trustAnchors,
        id,
        leaf.getNotBefore().toInstant(),
        leaf.getNotAfter().toInstant());
  }

  public X509Certificate leaf() {
    return chain.getFirst();
  }

  public boolean isValidAt(Instant time) {
    return !time.isBefore(notBefore) && time.isBefore(notAfter);
  }

  /** Without the key. */
  @Override
  public String toString() {
    return "WorkloadCertificate[id="
        + id
        + ", notBefore="
        + notBefore
        + ", notAfter="
        + notAfter
        + "]";
  }
}
