package dev.heddle.smiadapter.injection;

import com.fasterxml.jackson.databind.node.ArrayNode;

/** What is to become of a pod. */
sealed interface Injection {
  /**
   * It gets a proxy.
   *
   * @param patch operations of RFC 6902
   */
  record Patched(ArrayNode patch) implements Injection {}

  /**
   * It stays as it is.
   *
   * @param reason for the log
   */
  record Unchanged(String reason) implements Injection {}

  /**
   * It is not admitted.
   *
   * @param message for whoever created it
   * @param retry whether trying again later may help
   */
  record Refused(String message, boolean retry) implements Injection {}
}
