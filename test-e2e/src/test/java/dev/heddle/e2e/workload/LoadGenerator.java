package dev.heddle.e2e.workload;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.LocalPortForward;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A pod of the test workload that makes requests and forgets no failure, and keeps streams open;
 * driven over a port forward.
 */
public final class LoadGenerator implements AutoCloseable {

  private static final String CONTAINER = "load";
  private static final int API_PORT = 8090;
  private static final Duration API_ANSWERS = Duration.ofSeconds(30);
  private static final ObjectMapper JSON =
      new ObjectMapper().setDefaultPropertyInclusion(JsonInclude.Include.NON_NULL);

  private final Pod pod;
  private final LocalPortForward forward;
  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

  private LoadGenerator(Pod pod, LocalPortForward forward) {
    this.pod = pod;
    this.forward = forward;
  }

  /** Deploys it under the given name and waits until it runs. */
  public static LoadGenerator deploy(TestNamespace namespace, String name) {
    namespace.apply(SinglePod.manifest(name, CONTAINER, "10m", List.of("/workload", "load")));
    namespace.awaitRollout(name);
    Pod pod = namespace.pod(name);
    LocalPortForward forward =
        namespace
            .kubernetes()
            .pods()
            .inNamespace(namespace.name())
            .withName(pod.getMetadata().getName())
            .portForward(API_PORT);
    return new LoadGenerator(pod, forward);
  }

  public Pod pod() {
    return pod;
  }

  /** Starts a run. */
  public Run start(Load load) {
    Started started = post("/start", JSON.valueToTree(load).toString(), Started.class);
    return new Run(started.id());
  }

  /**
   * Opens a stream to a server that echoes.
   *
   * @param protocol {@code tcp}, {@code websocket} or {@code grpc}
   */
  public OpenStream open(String target, String protocol) {
    String specification = JSON.valueToTree(new Opening(target, protocol)).toString();
    return new OpenStream(post("/streams", specification, Started.class).id());
  }

  /** Microseconds since the epoch by the pod's clock. */
  public long now() {
    return get("/time", Now.class).now();
  }

  @Override
  public void close() {
    try {
      forward.close();
    } catch (IOException failed) {
      throw new UncheckedIOException("closing the port forward to " + pod, failed);
    }
  }

  /**
   * What to do; times as Go writes them ({@code 200ms}).
   *
   * @param protocol {@code http1}, {@code h2c}, {@code https}, {@code h2}, {@code grpc} or {@code
   *     grpc-stream}
   * @param rate requests per second; 0 for each request after the last answer
   * @param connections how many clients, each with its own connection
   * @param requests where it ends by itself; 0 for until stopped
   */
  public record Load(
      String target,
      String protocol,
      double rate,
      int connections,
      int requests,
      @Nullable String interval,
      @Nullable String timeout) {

    public static Load requests(String target, String protocol, int requests) {
      return new Load(target, protocol, 0, 4, requests, null, null);
    }

    /** A request a millisecond after each answer, on one connection, until stopped. */
    public static Load incessant(String target, String protocol) {
      return new Load(target, protocol, 0, 1, 0, "1ms", null);
    }

    /** The same with another pause after each answer, such as {@code 5ms}. */
    public Load withPause(String pause) {
      return new Load(target, protocol, rate, connections, requests, pause, timeout);
    }

    /** The same, with another timeout of each request than the five seconds of the others. */
    public Load withTimeout(String each) {
      return new Load(target, protocol, rate, connections, requests, interval, each);
    }

    public static Load rate(String target, String protocol, double rate) {
      return new Load(target, protocol, rate, 8, 0, null, null);
    }
  }

  /** A run that goes on or has ended. */
  public final class Run {
    private final String id;

    private Run(String id) {
      this.id = id;
    }

    public LoadReport report() {
      return get("/runs/" + id, LoadReport.class);
    }

    /** Only requests sent at or after the given time of {@link #now}. */
    public LoadReport since(long microseconds) {
      return get("/runs/" + id + "?since=" + microseconds, LoadReport.class);
    }

    /** The requests answered at or after the given time, and otherwise than the one before them. */
    public List<Event> events(long since) {
      return List.of(get("/runs/" + id + "/events?since=" + since, Event[].class));
    }

    public LoadReport stop() {
      return post("/runs/" + id + "/stop", "", LoadReport.class);
    }
  }

  /** A stream that says one line after the other and waits for each to come back. */
  public final class OpenStream {
    private final String id;

    private OpenStream(String id) {
      this.id = id;
    }

    public StreamReport report() {
      return get("/streams/" + id, StreamReport.class);
    }

    /** Ends it, and tells what became of it until then. */
    public StreamReport stop() {
      return post("/streams/" + id + "/stop", "", StreamReport.class);
    }
  }

  private <T> T get(String path, Class<T> type) {
    return send(HttpRequest.newBuilder(uri(path)).GET(), type);
  }

  private <T> T post(String path, String body, Class<T> type) {
    return send(
        HttpRequest.newBuilder(uri(path)).POST(HttpRequest.BodyPublishers.ofString(body)), type);
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + forward.getLocalPort() + path);
  }

  private <T> T send(HttpRequest.Builder request, Class<T> type) {
    try {
      HttpResponse<String> response =
          http.send(request.timeout(API_ANSWERS).build(), HttpResponse.BodyHandlers.ofString());
      if (response.statusCode() != 200) {
        throw new AssertionError(
            "load generator: " + response.statusCode() + " " + response.body());
      }
      return JSON.readValue(response.body(), type);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", interrupted);
    } catch (IOException failed) {
      throw new UncheckedIOException("load generator of " + pod.getMetadata().getName(), failed);
    }
  }

  /**
   * A request that was answered otherwise than the one before it.
   *
   * @param sent microseconds since the epoch by the pod's clock
   * @param answered microseconds since the epoch by the pod's clock
   * @param version who answered; null for nobody
   * @param error why that is no success; null if it is one
   */
  public record Event(long sent, long answered, @Nullable String version, @Nullable String error) {}

  /**
   * What became of a stream.
   *
   * @param echoed how many lines went there and came back
   * @param error why it could not be opened or has ended by itself; null while it is open
   */
  public record StreamReport(int echoed, @Nullable String error) {}

  private record Opening(String target, String protocol) {}

  private record Started(String id) {}

  private record Now(long now) {}
}
