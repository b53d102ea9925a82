package dev.heddle.e2e.workload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;

/**
 * The load generator and server <a href="https://fortio.org">fortio</a>, so that what the mesh
 * measures is held against measurements of which nobody here wrote a line.
 */
public final class Fortio {

  private static final String CONTAINER = "fortio";
  private static final List<String> SERVER =
      List.of(
          "/fortio",
          "server",
          "-http-port",
          "8080",
          "-grpc-port",
          "disabled",
          "-redirect-port",
          "disabled",
          "-tcp-port",
          "disabled",
          "-udp-port",
          "disabled",
          "-max-echo-delay",
          "10s",
          "-data-dir",
          "/tmp");
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What it gives up sooner, the proxies have counted as a failure and its log has not. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final TestNamespace namespace;
  private final String name;

  private Fortio(TestNamespace namespace, String name) {
    this.namespace = namespace;
    this.name = name;
  }

  /**
   * A request of a run.
   *
   * @param seconds from its first byte to its answer's last
   * @param status of HTTP
   */
  public record Request(double seconds, int status) {}

  /** Seconds that this share of requests did not exceed. */
  public static double percentile(List<Request> requests, double percent) {
    List<Double> sorted = requests.stream().map(Request::seconds).sorted().toList();
    int rank = (int) Math.ceil(percent / 100 * sorted.size());
    return sorted.get(Math.max(rank, 1) - 1);
  }

  /**
   * Deploys its server, without a probe that would be counted as well, on port 8080 of a Service,
   * and waits until it runs. Its path {@code /echo} answers as the query says: {@code
   * ?delay=100ms:60,200ms:35&status=503:5}, with percentages, and waits ten seconds at most.
   */
  public static Fortio deploy(TestNamespace namespace, String name) {
    namespace.apply(
        SinglePod.manifest(name, CONTAINER, "200m", SERVER)
            + """
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: %1$s}
            spec:
              selector: {app: %1$s}
              ports:
                - {name: web, port: 8080}
            """
                .formatted(name));
    namespace.awaitRollout(name);
    return new Fortio(namespace, name);
  }

  /**
   * Makes requests from its pod, spread evenly over time, and returns when all are answered. With
   * their number given, fortio makes none before it begins to count.
   *
   * @param connections enough for the rate to be kept
   * @return every request, in the order of their ends
   */
  public List<Request> load(String url, int perSecond, int connections, int requests) {
    String log =
        namespace.execute(
            namespace.pod(name),
            CONTAINER,
            "/fortio",
            "load",
            "-quiet",
            "-allow-initial-errors",
            "-uniform",
            "-timeout",
            PATIENCE.toMillis() + "ms",
            "-qps",
            Integer.toString(perSecond),
            "-c",
            Integer.toString(connections),
            "-n",
            Integer.toString(requests),
            "-access-log-file",
            "/dev/stdout",
            "-access-log-format",
            "json",
            url);
    return log.lines()
        .filter(line -> line.startsWith("{\"latency\""))
        .map(Fortio::request)
        .toList();
  }

  private static Request request(String line) {
    try {
      JsonNode request = JSON.readTree(line);
      return new Request(request.path("latency").asDouble(), request.path("details").asInt());
    } catch (IOException notJson) {
      throw new UncheckedIOException(line, notJson);
    }
  }
}
