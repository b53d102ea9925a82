package dev.heddle.dataplane.tls;

import java.security.cert.CertificateException;

/** The peer is who its certificate says, but not who was expected. */
public final class IdentityMismatchException extends CertificateException {
  private static final long serialVersionUID = 1;

  IdentityMismatchException(String message) {
    super(message);
  }
}
