package dev.heddle.dataplane.tls;

import io.netty.handler.ssl.SslHandler;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/** TLS in front of one connection, and how its peer is verified. */
public final class TlsConnection {
  private final SslHandler handler;
  private final @Nullable PeerVerifier verifier;

  /**
   * @param verifier null where any peer is taken
   */
  TlsConnection(SslHandler handler, @Nullable PeerVerifier verifier) {
    this.handler = handler;
    this.verifier = verifier;
  }

  public SslHandler handler() {
    return handler;
  }

  /**
   * Verifies the chain that the session holds. To be called once the handshake is done and before a
   * byte is exchanged: a handshake that resumes a session asks nobody for a certificate. It does
   * not matter here whether this one did; a chain that was verified a moment ago costs a lookup.
   * Netty's own hook for resumed sessions passes over those that are used only once, as all of TLS
   * 1.3 are.
   *
   * @throws SSLHandshakeException if the peer is not, or no longer, to be trusted; the connection
   *     must be closed
   */
  public void verifyPeer() throws SSLHandshakeException {
    if (verifier == null) {
      return;
    }
    SSLEngine engine = handler.engine();
    try {
      if (engine.getUseClientMode()) {
        verifier.verifyServer(chain(engine));
      } else {
        verifyClient(verifier, engine);
      }
    } catch (SSLPeerUnverifiedException | CertificateException e) {
      SSLHandshakeException refused = new SSLHandshakeException(e.getMessage());
      refused.initCause(e);
      throw refused;
    }
  }

  private static void verifyClient(PeerVerifier verifier, SSLEngine engine)
      throws SSLPeerUnverifiedException, CertificateException {
    List<X509Certificate> chain;
    try {
      chain = chain(engine);
    } catch (SSLPeerUnverifiedException e) {
      if (engine.getNeedClientAuth()) {
        throw e;
      }
      return; // It is nobody, as it was in its first handshake.
    }
    verifier.verifyClient(chain);
  }

  private static List<X509Certificate> chain(SSLEngine engine)
      throws SSLPeerUnverifiedException, CertificateException {
    Certificate[] shown = engine.getSession().getPeerCertificates();
    List<X509Certificate> chain = new ArrayList<>(shown.length);
    for (Certificate certificate : shown) {
      if (!(certificate instanceof X509Certificate x509)) {
        throw new CertificateException(
            "type of the peer's certificate: " + certificate.getType() + " (expected: X.509)");
      }
      chain.add(x509);
    }
    return chain;
  }
}
