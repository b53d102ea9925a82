package dev.heddle.smiadapter.aggregated;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateParsingException;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Believes the API server's proxy, and only it, who a user is
 * (k8s.io/apiserver/pkg/authentication/request/headerrequest and .../x509). Headers count only on a
 * connection whose client certificate is signed by the authority that signs nothing else: a
 * certificate of the cluster's ordinary authority, which any user may have, proves nothing here.
 */
final class RequestHeaderAuthentication {

  private static final Logger LOGGER = LoggerFactory.getLogger(RequestHeaderAuthentication.class);
  private static final String CLIENT_AUTHENTICATION = "1.3.6.1.5.5.7.3.2";
  private static final String ANY_USAGE = "2.5.29.37.0";

  private final Supplier<RequestHeaderSettings> settings;

  RequestHeaderAuthentication(Supplier<RequestHeaderSettings> settings) {
    this.settings = settings;
  }

  /**
   * Who makes a request; empty if nobody vouches for anybody.
   *
   * @param chain the client's certificates, its own first; empty without any
   * @param headers by their names in any case
   */
  Optional<User> user(List<X509Certificate> chain, Map<String, List<String>> headers) {
    RequestHeaderSettings now = settings.get();
    if (chain.isEmpty() || !isProxy(chain, now)) {
      return Optional.empty();
    }
    Map<String, List<String>> lower = new LinkedHashMap<>();
    headers.forEach((name, values) ->
        lower
            .computeIfAbsent(name.toLowerCase(Locale.ROOT), _ -> new ArrayList<>())
            .addAll(values));
    return first(now.usernameHeaders(), lower)
        .map(name ->
            new User(
                name,
                first(now.uidHeaders(), lower).orElse(""),
                groups(now, lower),
                extra(now, lower)));
  }

  private static boolean isProxy(List<X509Certificate> chain, RequestHeaderSettings settings) {
    X509Certificate leaf = chain.getFirst();
    try {
      return !settings.anchors().isEmpty()
          && mayAuthenticateClients(leaf)
          && isSigned(chain, settings.anchors())
          && (settings.allowedNames().isEmpty()
              || settings.allowedNames().contains(commonName(leaf)));
    } catch (GeneralSecurityException | InvalidNameException e) {
      LOGGER.debug("A client's certificate is not that of the API server's proxy", e);
      return false;
    }
  }

  private static boolean mayAuthenticateClients(X509Certificate leaf)
      throws CertificateParsingException {
    List<String> usages = leaf.getExtendedKeyUsage();
    return usages == null || usages.contains(CLIENT_AUTHENTICATION) || usages.contains(ANY_USAGE);
  }

  /** Also checks the dates. */
  private static boolean isSigned(List<X509Certificate> chain, List<X509Certificate> anchors)
      throws GeneralSecurityException {
    Set<TrustAnchor> trusted = new HashSet<>();
    anchors.forEach(anchor -> trusted.add(new TrustAnchor(anchor, null)));
    PKIXParameters parameters = new PKIXParameters(trusted);
    parameters.setRevocationEnabled(false);
    List<X509Certificate> path =
        chain.stream().filter(certificate -> !anchors.contains(certificate)).toList();
    if (path.isEmpty()) {
      return false;
    }
    CertPathValidator.getInstance("PKIX")
        .validate(CertificateFactory.getInstance("X.509").generateCertPath(path), parameters);
    return true;
  }

  private static String commonName(X509Certificate certificate) throws InvalidNameException {
    return new LdapName(certificate.getSubjectX500Principal().getName())
        .getRdns().stream()
            .filter(part -> part.getType().equalsIgnoreCase("CN"))
            .map(Rdn::getValue)
            .map(String::valueOf)
            .findFirst()
            .orElse("");
  }

  private static Optional<String> first(List<String> names, Map<String, List<String>> headers) {
    return names.stream()
        .flatMap(name -> headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of()).stream())
        .filter(value -> !value.isEmpty())
        .findFirst();
  }

  /** A value is a group, whatever characters it has. */
  private static List<String> groups(
      RequestHeaderSettings settings, Map<String, List<String>> headers) {
    return settings.groupHeaders().stream()
        .flatMap(name -> headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of()).stream())
        .toList();
  }

  private static Map<String, List<String>> extra(
      RequestHeaderSettings settings, Map<String, List<String>> headers) {
    Map<String, List<String>> extra = new LinkedHashMap<>();
    for (String prefix : settings.extraPrefixes()) {
      String lower = prefix.toLowerCase(Locale.ROOT);
      headers.forEach((name, values) -> {
        if (name.startsWith(lower)) {
          extra
              .computeIfAbsent(decoded(name.substring(lower.length())), _ -> new ArrayList<>())
              .addAll(values);
        }
      });
    }
    return extra;
  }

  /** Percent-encoded; what is not encoded well is taken as it is, as the API server does. */
  private static String decoded(String key) {
    try {
      return URLDecoder.decode(key.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException _) {
      return key;
    }
  }
}
