package dev.heddle.dataplane.tls;

import dev.heddle.meshapi.identity.SpiffeId;
import io.netty.handler.ssl.SslHandler;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/** Who is at the other end of an established TLS connection. */
public final class TlsPeer {
  private static final int DNS_NAME = 2;
  private static final int URI_NAME = 6;

  private TlsPeer() {}

  /**
   * The identity that the peer has proved; null if it showed no certificate, or one of no workload.
   */
  public static @Nullable SpiffeId identity(SslHandler handler) {
    try {
      return handler.engine().getSession().getPeerCertificates()[0] instanceof X509Certificate leaf
          ? SpiffeId.fromCertificate(leaf)
          : null;
    } catch (SSLPeerUnverifiedException | CertificateParsingException e) {
      return null;
    }
  }

  /**
   * By which names the peer may be called: its URIs, then its DNS names, then its subject (RFC
   * 2253), as Envoy's access rules take them; empty if it showed no certificate.
   *
   * @throws CertificateParsingException if its names cannot be read
   */
  public static List<String> principals(SslHandler handler) throws CertificateParsingException {
    try {
      return handler.engine().getSession().getPeerCertificates()[0] instanceof X509Certificate leaf
          ? principals(leaf)
          : List.of();
    } catch (SSLPeerUnverifiedException e) {
      return List.of();
    }
  }

  static List<String> principals(X509Certificate certificate) throws CertificateParsingException {
    Collection<List<?>> names = certificate.getSubjectAlternativeNames();
    List<String> principals = new ArrayList<>();
    if (names != null) {
      add(names, URI_NAME, principals);
      add(names, DNS_NAME, principals);
    }
    principals.add(certificate.getSubjectX500Principal().getName());
    return List.copyOf(principals);
  }

  private static void add(Collection<List<?>> names, int type, List<String> principals) {
    for (List<?> name : names) {
      if (name.getFirst().equals(type)) {
        principals.add(String.valueOf(name.get(1)));
      }
    }
  }
}
