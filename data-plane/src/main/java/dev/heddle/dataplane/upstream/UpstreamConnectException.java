package dev.heddle.dataplane.upstream;

import java.io.IOException;

/** An endpoint could not be connected to; nothing was sent, so that another may be tried. */
public final class UpstreamConnectException extends IOException {
  private static final long serialVersionUID = 1;

  private final Reason reason;

  public UpstreamConnectException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }

  /** For response flags, metrics and the access log. */
  public enum Reason {
    REFUSED,
    UNREACHABLE,
    TIMEOUT,
    TLS_HANDSHAKE,
    IDENTITY_MISMATCH,
    NO_CERTIFICATE,
    OTHER
  }
}
