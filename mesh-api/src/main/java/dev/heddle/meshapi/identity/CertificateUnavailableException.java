package dev.heddle.meshapi.identity;

/** The CA gave no certificate. */
public final class CertificateUnavailableException extends Exception {
  private static final long serialVersionUID = 1L;

  CertificateUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
