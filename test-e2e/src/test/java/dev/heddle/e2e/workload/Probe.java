package dev.heddle.e2e.workload;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One-shot commands of the test workload, run in a pod of it. */
public final class Probe {

  private static final String BINARY = "/workload";

  private Probe() {}

  /** Opens TCP connections one after the other and waits for the server's first byte. */
  public static Connection connect(TestNamespace namespace, String app, String address, int count) {
    return run(
        namespace,
        app,
        Connection.class,
        "connect",
        "-address",
        address,
        "-count",
        Integer.toString(count));
  }

  /** The same, for servers that wait for the client's first bytes. */
  public static Connection connectAndSend(
      TestNamespace namespace, String app, String address, int count, String send) {
    return run(
        namespace,
        app,
        Connection.class,
        "connect",
        "-address",
        address,
        "-count",
        Integer.toString(count),
        "-send",
        send);
  }

  /** Sends one HTTP request, or calls gRPC. */
  public static Answer ask(
      TestNamespace namespace, String app, String protocol, String url, String... more) {
    String[] arguments = new String[more.length + 5];
    arguments[0] = "ask";
    arguments[1] = "-protocol";
    arguments[2] = protocol;
    arguments[3] = "-target";
    arguments[4] = url;
    System.arraycopy(more, 0, arguments, 5, more.length);
    return run(namespace, app, Answer.class, arguments);
  }

  /** Sends a UDP datagram until it is answered, for some seconds, and returns the answer. */
  public static String datagram(TestNamespace namespace, String app, String address, String text) {
    return run(namespace, app, Datagram.class, "datagram", "-address", address, "-send", text)
        .answer();
  }

  /** A TLS handshake that trusts nobody and tells what the peer showed. */
  public static TlsPeer tlsPeek(
      TestNamespace namespace, String app, String address, String serverName) {
    return run(
        namespace, app, TlsPeer.class, "tls-peek", "-address", address, "-server-name", serverName);
  }

  private static <T> T run(
      TestNamespace namespace, String app, Class<T> answer, String... arguments) {
    String[] command = new String[arguments.length + 1];
    command[0] = BINARY;
    System.arraycopy(arguments, 0, command, 1, arguments.length);
    return TestNamespace.json(namespace.execute(namespace.pod(app), "load", command), answer);
  }

  /**
   * What came of a request.
   *
   * @param status 0 if there was no answer, or for gRPC no good one
   * @param error why there was none, else empty
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Answer(int status, String version, String error) {

    /** Whether an app has answered. */
    public boolean served() {
      return status == 200;
    }

    /** Whether a proxy has refused: 403, or what it is to gRPC. */
    public boolean refused() {
      return status == 403 || error.contains("PermissionDenied");
    }
  }

  @JsonIgnoreProperties(ignoreUnknown = true)
  private record Datagram(String answer) {}

  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Connection(
      int attempts, Times connectMicroseconds, Times firstByteMicroseconds, String first) {}

  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Times(long min, long p50, long p99, long max) {}

  @JsonIgnoreProperties(ignoreUnknown = true)
  public record TlsPeer(
      String version,
      boolean certificateAsked,
      List<Certificate> certificates,
      @Nullable String error) {}

  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Certificate(List<String> uris) {
    public Certificate {
      uris = uris == null ? List.of() : List.copyOf(uris);
    }
  }
}
