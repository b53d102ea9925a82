package dev.heddle.smiadapter.injection;

import java.util.Map;

/** Labels and annotations of an object. */
public record Marks(Map<String, String> labels, Map<String, String> annotations) {
  public Marks {
    labels = Map.copyOf(labels);
    annotations = Map.copyOf(annotations);
  }
}
