package dev.heddle.e2e.workload;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a run has seen, as the load generator of the test workload writes it. */
@JsonIgnoreProperties(ignoreUnknown = true)
public record LoadReport(
    boolean running,
    int requests,
    int failures,
    int retries,
    Map<String, Integer> versions,
    @Nullable List<Failure> errors,
    @Nullable Latency latencyMicroseconds) {

  /** The percentage of the answers that came from the version. */
  public double share(String version) {
    int answered = versions.values().stream().mapToInt(Integer::intValue).sum();
    return answered == 0 ? Double.NaN : 100.0 * versions.getOrDefault(version, 0) / answered;
  }

  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Failure(String message, int count) {}

  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Latency(long p50, long p90, long p99, long max) {}
}
