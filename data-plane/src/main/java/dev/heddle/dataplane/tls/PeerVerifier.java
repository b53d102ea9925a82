package dev.heddle.dataplane.tls;

import dev.heddle.meshapi.identity.SpiffeId;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateParsingException;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Verifies a peer by its chain to a trust anchor (RFC 5280) and by an exact URI name; never by a
 * host name. An anchor that has expired vouches for nobody, which PKIX itself does not check. A
 * chain that was found good is not verified again while it and the anchors are valid.
 */
final class PeerVerifier extends X509ExtendedTrustManager {
  private static final int MAX_CHAIN = 8;
  private static final int URI_NAME = 6;
  private static final String SERVER_USAGE = "1.3.6.1.5.5.7.3.1";
  private static final String CLIENT_USAGE = "1.3.6.1.5.5.7.3.2";
  private static final String ANY_USAGE = "2.5.29.37.0";

  private final List<X509Certificate> trustAnchors;
  private final Set<String> expectedNames;
  private final boolean workload;
  private final Clock clock;

  /** Guarded by itself: the JDK's TLS may verify on other threads. */
  private final VerifiedChains verified = new VerifiedChains();

  /**
   * @param expectedNames URI names any of which the peer must show; empty for any
   * @param workload whether the peer must have the SPIFFE id of a workload, and no other name
   */
  PeerVerifier(
      Collection<X509Certificate> trustAnchors,
      Collection<String> expectedNames,
      boolean workload,
      Clock clock) {
    this.trustAnchors = List.copyOf(trustAnchors);
    this.expectedNames = Set.copyOf(expectedNames);
    this.workload = workload;
    this.clock = clock;
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    verify(Arrays.asList(chain), CLIENT_USAGE);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    verify(Arrays.asList(chain), CLIENT_USAGE);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    verify(Arrays.asList(chain), CLIENT_USAGE);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    verify(Arrays.asList(chain), SERVER_USAGE);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    verify(Arrays.asList(chain), SERVER_USAGE);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    verify(Arrays.asList(chain), SERVER_USAGE);
  }

  /** None: naming issuers tells peers nothing they need and is out of date after a rotation. */
  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }

  /** Verifies a client outside of a handshake. */
  void verifyClient(List<X509Certificate> chain) throws CertificateException {
    verify(chain, CLIENT_USAGE);
  }

  /** Verifies a server outside of a handshake. */
  void verifyServer(List<X509Certificate> chain) throws CertificateException {
    verify(chain, SERVER_USAGE);
  }

  private void verify(List<X509Certificate> chain, String usage) throws CertificateException {
    if (chain.isEmpty() || chain.size() > MAX_CHAIN) {
      throw new CertificateException(
          "certificates in the peer's chain: "
              + chain.size()
              + " (expected: 1 to "
              + MAX_CHAIN
              + ")");
    }
    Instant now = clock.instant();
    VerifiedChains.Chain shown = VerifiedChains.Chain.of(chain, usage);
    synchronized (verified) {
      if (verified.contains(shown, now)) {
        return;
      }
    }
    List<X509Certificate> anchors = anchorsValidAt(now);
    verifyPath(chain, anchors, now);
    X509Certificate leaf = chain.getFirst();
    if (leaf.getBasicConstraints() >= 0) {
      throw new CertificateException("the peer shows the certificate of an authority");
    }
    List<String> usages = leaf.getExtendedKeyUsage();
    if (usages != null && !usages.contains(usage) && !usages.contains(ANY_USAGE)) {
      throw new CertificateException(
          "extended key usage of the peer's certificate: " + usages + " (expected: " + usage + ")");
    }
    verifyName(leaf);
    // Any of the anchors may be the one that vouches: when one expires, all is verified anew.
    List<X509Certificate> all = new ArrayList<>(chain);
    all.addAll(anchors);
    synchronized (verified) {
      verified.add(shown, VerifiedChains.Validity.ofAll(all));
    }
  }

  private List<X509Certificate> anchorsValidAt(Instant time) throws CertificateException {
    List<X509Certificate> valid =
        trustAnchors.stream().filter(anchor -> isValidAt(anchor, time)).toList();
    if (valid.isEmpty()) {
      throw new CertificateException(
          "trust anchors valid now: 0 of " + trustAnchors.size() + " (expected: at least 1)");
    }
    return valid;
  }

  private void verifyPath(List<X509Certificate> chain, List<X509Certificate> anchors, Instant now)
      throws CertificateException {
    Set<TrustAnchor> valid =
        anchors.stream()
            .map(anchor -> new TrustAnchor(anchor, null))
            .collect(Collectors.toUnmodifiableSet());
    try {
      PKIXParameters parameters = new PKIXParameters(valid);
      // Workload certificates are short-lived instead of revoked.
      parameters.setRevocationEnabled(false);
      parameters.setDate(Date.from(now));
      CertPathValidator.getInstance("PKIX")
          .validate(
              CertificateFactory.getInstance("X.509").generateCertPath(withoutAnchor(chain)),
              parameters);
    } catch (GeneralSecurityException e) {
      throw new CertificateException(
          "the peer's chain does not lead to a trust anchor: " + e.getMessage(), e);
    }
  }

  /** Some servers send their root along; PKIX wants the path to end below it. */
  private List<X509Certificate> withoutAnchor(List<X509Certificate> chain) {
    return chain.size() > 1 && trustAnchors.contains(chain.getLast())
        ? chain.subList(0, chain.size() - 1)
        : chain;
  }

  private void verifyName(X509Certificate leaf) throws CertificateException {
    if (workload) {
      // Throws when there is none, or more than one.
      String id = SpiffeId.fromCertificate(leaf).toString();
      if (!expectedNames.isEmpty() && !expectedNames.contains(id)) {
        throw new IdentityMismatchException(
            "identity of the peer: " + id + " (expected: " + expected() + ")");
      }
      return;
    }
    if (!expectedNames.isEmpty()) {
      Set<String> names = uriNames(leaf);
      if (names.stream().noneMatch(expectedNames::contains)) {
        throw new IdentityMismatchException(
            "URI names of the peer: " + names + " (expected: " + expected() + ")");
      }
    }
  }

  private String expected() {
    return String.join(" or ", expectedNames);
  }

  private static Set<String> uriNames(X509Certificate certificate)
      throws CertificateParsingException {
    Collection<List<?>> names = certificate.getSubjectAlternativeNames();
    Set<String> uris = new HashSet<>();
    if (names != null) {
      for (List<?> name : names) {
        if (name.getFirst().equals(URI_NAME)) {
          uris.add(String.valueOf(name.get(1)));
        }
      }
    }
    return uris;
  }

  private static boolean isValidAt(X509Certificate certificate, Instant time) {
    return !time.isBefore(certificate.getNotBefore().toInstant())
        && !time.isAfter(certificate.getNotAfter().toInstant());
  }
}
