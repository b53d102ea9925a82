package dev.heddle.ca.authentication;

/** Asks the authority for tokens about one. */
@FunctionalInterface
public interface TokenReviewer {
  /**
   * Reviews a token for the audience of the CA. Blocks for a bounded time.
   *
   * @throws ReviewUnavailableException if no answer can be had now
   */
  TokenReviewResult review(String token) throws ReviewUnavailableException;
}
