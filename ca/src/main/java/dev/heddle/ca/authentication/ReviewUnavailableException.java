package dev.heddle.ca.authentication;

/** No answer about a token can be had now; asking again later may help. */
public final class ReviewUnavailableException extends Exception {
  private static final long serialVersionUID = 1L;

  public ReviewUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
