package dev.heddle.dataplane.tls;

import dev.heddle.meshapi.identity.SpiffeId;
import io.netty.handler.ssl.SslHandler;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/** Who is at the other end of an established TLS connection. */
public final class TlsPeer {
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
}
