package dev.heddle.smiadapter.aggregated;

import java.util.Map;

/**
 * What is known of an object that traffic is shown for.
 *
 * @param namespace empty if it is in none
 */
record ObjectMetadata(String namespace, String name, Map<String, String> labels) {

  /** Copies the labels. */
  ObjectMetadata {
    labels = Map.copyOf(labels);
  }
}
