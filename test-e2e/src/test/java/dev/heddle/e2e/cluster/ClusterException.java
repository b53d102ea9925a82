package dev.heddle.e2e.cluster;

/** The cluster could not do what was asked of it; the message says what, why and where to look. */
public final class ClusterException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public ClusterException(String message) {
    super(message);
  }

  public ClusterException(String message, Throwable cause) {
    super(message, cause);
  }
}
