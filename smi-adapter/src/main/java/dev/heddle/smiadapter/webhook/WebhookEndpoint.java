package dev.heddle.smiadapter.webhook;

import java.io.IOException;

/** Answers the reviews that are sent to one path. Called by many threads at once. */
public interface WebhookEndpoint {

  /**
   * The answer to a review, as JSON.
   *
   * @throws IOException if the bytes are no review; its message is sent back
   */
  byte[] answer(byte[] review) throws IOException;

  /** Counts a review that got no answer. */
  void failed();
}
