package dev.heddle.dataplane.tls;

/** This workload has no certificate yet, or none that is valid now. */
public final class NoCertificateException extends Exception {
  private static final long serialVersionUID = 1;

  NoCertificateException(String message) {
    super(message);
  }
}
