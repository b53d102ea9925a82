package dev.heddle.dataplane;

import org.jspecify.annotations.Nullable;

/** The proxy cannot start; the message is one sentence for the operator. */
final class StartException extends Exception {
  private static final long serialVersionUID = 1;

  StartException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
