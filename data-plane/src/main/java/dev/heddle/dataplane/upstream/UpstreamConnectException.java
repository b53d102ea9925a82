package dev.heddle.dataplane.upstream;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** An endpoint could not be connected to; nothing was sent, so that another may be tried. */
public final class UpstreamConnectException extends IOException {
  private static final long serialVersionUID = 1;

  private final Reason reason;

  public UpstreamConnectException(Reason reason, String message, @Nullable Throwable cause) {
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
    /** This proxy has no certificate yet; the endpoint is not to blame. */
    NO_CERTIFICATE,
    /** The cluster's limit of connections is reached; the endpoint is not to blame. */
    OVERFLOW,
    OTHER;

    /** Whether the endpoint, and not this proxy, is to blame. */
    public boolean endpointFailed() {
      return this != NO_CERTIFICATE && this != OVERFLOW;
    }
  }
}
