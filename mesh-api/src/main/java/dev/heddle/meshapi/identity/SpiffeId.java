package dev.heddle.meshapi.identity;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The identity of a Kubernetes workload: {@code
 * spiffe://<trust-domain>/ns/<namespace>/sa/<service-account>}. Only ids of this shape are
 * accepted, with the character rules of the SPIFFE-ID standard, section 2: no port, no user info,
 * no query, no fragment, no percent-encoding, no empty or dot segment; scheme and trust domain in
 * lower case.
 *
 * @param trustDomain at most 255 characters of {@code a-z 0-9 . - _}
 * @param namespace a Kubernetes namespace (RFC 1123 label)
 * @param serviceAccount a Kubernetes ServiceAccount name (RFC 1123 subdomain)
 */
public record SpiffeId(String trustDomain, String namespace, String serviceAccount) {
  private static final int MAX_LENGTH = 2048;
  private static final int MAX_TRUST_DOMAIN_LENGTH = 255;
  private static final int URI_NAME = 6;
  private static final Pattern TRUST_DOMAIN = Pattern.compile("[a-z0-9._-]+");
  private static final Pattern LABEL = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
  private static final Pattern SUBDOMAIN =
      Pattern.compile("[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*");
  private static final Pattern URI = Pattern.compile("spiffe://([^/]+)/ns/([^/]+)/sa/([^/]+)");

  public SpiffeId {
    require(
        trustDomain.length() <= MAX_TRUST_DOMAIN_LENGTH
            && TRUST_DOMAIN.matcher(trustDomain).matches(),
        "trust domain",
        trustDomain,
        "1 to 255 of a-z, 0-9, '.', '-', '_'");
    require(LABEL.matcher(namespace).matches(), "namespace", namespace, "an RFC 1123 label");
    require(
        serviceAccount.length() <= 253 && SUBDOMAIN.matcher(serviceAccount).matches(),
        "service account",
        serviceAccount,
        "an RFC 1123 subdomain");
  }

  public static SpiffeId of(String trustDomain, String namespace, String serviceAccount) {
    return new SpiffeId(trustDomain, namespace, serviceAccount);
  }

  /**
   * The id that a URI states.
   *
   * @throws IllegalArgumentException if the text is no SPIFFE id of a Kubernetes workload
   */
  public static SpiffeId parse(String uri) {
    String expected = "spiffe://<trust-domain>/ns/<namespace>/sa/<service-account>";
    // The length first: what a peer sent is not repeated in messages beyond what an id may have.
    require(uri.length() <= MAX_LENGTH, "SPIFFE id", uri.length() + " characters", expected);
    Matcher matcher = URI.matcher(uri);
    require(matcher.matches(), "SPIFFE id", uri, expected);
    return new SpiffeId(matcher.group(1), matcher.group(2), matcher.group(3));
  }

  /**
   * The identity that a certificate states: its only URI subject alternative name (X.509-SVID
   * standard, section 2). Says nothing about whether the certificate can be trusted.
   *
   * @throws CertificateParsingException if there is no URI name, more than one, or one that is no
   *     such id
   */
  public static SpiffeId fromCertificate(X509Certificate certificate)
      throws CertificateParsingException {
    Collection<List<?>> names = certificate.getSubjectAlternativeNames();
    List<String> uris =
        names == null
            ? List.of()
            : names.stream()
                .filter(name -> name.getFirst().equals(URI_NAME))
                .map(name -> String.valueOf(name.get(1)))
                .toList();
    if (uris.size() != 1) {
      throw new CertificateParsingException(
          "URI names of the certificate: " + uris.size() + " (expected: exactly 1)");
    }
    try {
      return parse(uris.getFirst());
    } catch (IllegalArgumentException e) {
      throw new CertificateParsingException(e.getMessage(), e);
    }
  }

  /** The URI. */
  @Override
  public String toString() {
    return "spiffe://" + trustDomain + "/ns/" + namespace + "/sa/" + serviceAccount;
  }

  private static void require(boolean holds, String name, String value, String expected) {
    if (!holds) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
    }
  }
}
