package dev.heddle.crds.install;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import java.time.Duration;
import java.util.Objects;

/**
 * Traffic metrics served through the Kubernetes API.
 *
 * @param window the span that rates and latencies are computed over when a client asks for none
 */
public record Metrics(
    @JsonSerialize(using = DurationText.Serializer.class)
        @JsonDeserialize(using = DurationText.Deserializer.class)
        Duration window) {

  private static final Duration WINDOW = Duration.ofSeconds(30);

  /** A window of 30 seconds. */
  public static final Metrics DEFAULT = new Metrics(WINDOW);

  public Metrics {
    window = Objects.requireNonNullElse(window, WINDOW);
  }
}
