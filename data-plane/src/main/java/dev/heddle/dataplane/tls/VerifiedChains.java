package dev.heddle.dataplane.tls;

import dev.heddle.dataplane.bounded.RecentlyUsed;
import java.nio.ByteBuffer;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Chains that one verifier has found good. A peer that connects again shows the same bytes, and
 * what was verified of them cannot have changed but by time: checking signatures again would take
 * most of a handshake. That the peer holds the key is proved in every handshake all the same.
 *
 * <p>Bounded; the least recently shown is forgotten first. Not thread-safe.
 */
final class VerifiedChains {
  private static final int MAX_CHAINS = 128;

  private final Map<Chain, Validity> verified = new RecentlyUsed<>(MAX_CHAINS);

  /**
   * The very bytes that were verified, and what for.
   *
   * @param certificates encoded, the leaf first
   * @param usage the extended key usage that was asked for
   */
  record Chain(List<ByteBuffer> certificates, String usage) {
    static Chain of(List<X509Certificate> certificates, String usage)
        throws CertificateEncodingException {
      List<ByteBuffer> encoded = new ArrayList<>(certificates.size());
      for (X509Certificate certificate : certificates) {
        encoded.add(ByteBuffer.wrap(certificate.getEncoded()));
      }
      return new Chain(List.copyOf(encoded), usage);
    }
  }

  /** From when to when the verification holds, both included. */
  record Validity(Instant from, Instant until) {
    boolean holdsAt(Instant time) {
      return !time.isBefore(from) && !time.isAfter(until);
    }

    /** While all of the certificates are valid. */
    static Validity ofAll(Iterable<X509Certificate> certificates) {
      Instant from = Instant.MIN;
      Instant until = Instant.MAX;
      for (X509Certificate certificate : certificates) {
        Instant begin = certificate.getNotBefore().toInstant();
        Instant end = certificate.getNotAfter().toInstant();
        from = begin.isAfter(from) ? begin : from;
        until = end.isBefore(until) ? end : until;
      }
      return new Validity(from, until);
    }
  }

  boolean contains(Chain chain, Instant now) {
    @Nullable Validity validity = verified.get(chain);
    return validity != null && validity.holdsAt(now);
  }

  void add(Chain chain, Validity validity) {
    verified.put(chain, validity);
  }
}
