package dev.heddle.ca.rotation;

import dev.heddle.ca.certificates.KeyedChain;
import dev.heddle.ca.certificates.Root;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What is to be done about a certificate that a root signed.
 *
 * @param issue whether to sign a new one below the root now
 * @param history the trust anchors from now on
 */
record Rotation(boolean issue, TrustAnchorHistory history) {
  /**
   * Decides. When the root has changed, its anchor is announced first, and the certificate below
   * the old root stays in use until every peer has had the time to learn of the new one.
   *
   * @param existing the certificate in use
   */
  static Rotation plan(
      Root root,
      Optional<KeyedChain> existing,
      TrustAnchorHistory history,
      Instant now,
      RotationPolicy policy) {
    boolean issue =
        existing.isEmpty() || mustReplace(root, existing.get().chain(), history, now, policy);
    Set<X509Certificate> used = new LinkedHashSet<>();
    if (!issue) {
      X509Certificate top = existing.orElseThrow().chain().getLast();
      history.anchors().stream().filter(anchor -> Root.isIssuedBy(top, anchor)).forEach(used::add);
    }
    used.add(root.anchor());
    return new Rotation(issue, history.updated(used, now, policy.retention()));
  }

  private static boolean mustReplace(
      Root root,
      List<X509Certificate> chain,
      TrustAnchorHistory history,
      Instant now,
      RotationPolicy policy) {
    X509Certificate certificate = chain.getFirst();
    Instant end = certificate.getNotAfter().toInstant();
    Duration life = Duration.between(certificate.getNotBefore().toInstant(), end);
    boolean due = now.isAfter(end.minus(RotationPolicy.renewBefore(life)));
    if (Root.isIssuedBy(certificate, root.certificate())) {
      return due;
    }
    boolean orphaned =
        history.anchors().stream()
            .filter(anchor -> now.isBefore(anchor.getNotAfter().toInstant()))
            .noneMatch(anchor -> Root.isIssuedBy(chain.getLast(), anchor));
    boolean known =
        history
            .announced(root.anchor())
            .map(announced -> !now.isBefore(announced.plus(policy.announceFor())))
            .orElse(false);
    boolean lastMoment = now.isAfter(end.minus(policy.announceFor()));
    return orphaned || known || lastMoment;
  }
}
