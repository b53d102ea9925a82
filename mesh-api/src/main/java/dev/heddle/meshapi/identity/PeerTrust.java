package dev.heddle.meshapi.identity;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Collection;
import java.util.function.Predicate;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Trusts a peer for the SPIFFE id its certificate proves, never for a host name. It extends the
 * extended manager so that JSSE adds no host name check of its own. Anchors are asked for at every
 * handshake.
 */
final class PeerTrust extends X509ExtendedTrustManager {
  private final Supplier<? extends Collection<X509Certificate>> trustAnchors;
  private final Predicate<SpiffeId> accepted;
  private final String expectation;

  /**
   * @param accepted which identities are let in
   * @param expectation the same as words, for the message of a refusal
   */
  PeerTrust(
      Supplier<? extends Collection<X509Certificate>> trustAnchors,
      Predicate<SpiffeId> accepted,
      String expectation) {
    this.trustAnchors = trustAnchors;
    this.accepted = accepted;
    this.expectation = expectation;
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    check(chain, CertificateChains.Purpose.CLIENT);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    check(chain, CertificateChains.Purpose.CLIENT);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    check(chain, CertificateChains.Purpose.CLIENT);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    check(chain, CertificateChains.Purpose.SERVER);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    check(chain, CertificateChains.Purpose.SERVER);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    check(chain, CertificateChains.Purpose.SERVER);
  }

  /**
   * None: naming issuers would tell peers nothing they need, and would be out of date after a
   * rotation.
   */
  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }

  private void check(X509Certificate[] chain, CertificateChains.Purpose purpose)
      throws CertificateException {
    SpiffeId id = CertificateChains.verify(Arrays.asList(chain), trustAnchors.get(), purpose);
    if (!accepted.test(id)) {
      throw new CertificateException("peer: " + id + " (expected: " + expectation + ")");
    }
  }
}
