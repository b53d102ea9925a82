package dev.heddle.e2e.workload;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * An eavesdropper on the node: a host-network pod that reads packets off every device, the bridge
 * between the pods included.
 */
public final class WireCapture implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final TestNamespace namespace;

  private WireCapture(TestNamespace namespace) {
    this.namespace = namespace;
  }

  /** Starts the eavesdropper; the namespace must allow host network. */
  public static WireCapture deploy(TestNamespace namespace) {
    namespace.apply(
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: capture, labels: {app: capture}}
        spec:
          hostNetwork: true
          terminationGracePeriodSeconds: 1
          containers:
            - name: capture
              image: %s
              args: [serve, -http, "127.0.0.1:28080", -https, "", -grpc, "", -greeter, "", -tcp-echo, ""]
              securityContext: {runAsUser: 0, capabilities: {add: [NET_RAW]}}
        """
            .formatted(WebServer.IMAGE));
    await("capture pod")
        .atMost(Duration.ofMinutes(1))
        .until(() -> namespace.pods("capture").size() == 1);
    return new WireCapture(namespace);
  }

  /** What the address said and was told while the action ran, TCP only, each direction apart. */
  public List<Flow> during(String address, Duration duration, Runnable action) throws Exception {
    CompletableFuture<String> captured =
        CompletableFuture.supplyAsync(() ->
            namespace.execute(
                namespace.pod("capture"),
                "capture",
                "/workload",
                "capture",
                "-address",
                address,
                "-duration",
                duration.toSeconds() + "s"));
    action.run();
    try {
      String printed = captured.get(duration.toSeconds() + 30, TimeUnit.SECONDS);
      return List.of(JSON.readValue(printed, Flow[].class));
    } catch (ExecutionException | TimeoutException failed) {
      throw new AssertionError("the capture failed", failed);
    }
  }

  @Override
  public void close() {
    namespace.kubernetes().pods().inNamespace(namespace.name()).withName("capture").delete();
  }

  /**
   * One direction of a TCP connection.
   *
   * @param bytes in base64
   */
  public record Flow(String source, String destination, String bytes) {

    public byte[] carried() {
      return Base64.getDecoder().decode(bytes);
    }

    /** The bytes as Latin-1, to look for plain text in. */
    public String text() {
      return new String(carried(), StandardCharsets.ISO_8859_1);
    }

    public TlsFlight tls() {
      return new TlsFlight(carried());
    }

    public boolean between(String one, String other) {
      return (source.startsWith(one + ":") && destination.startsWith(other + ":"))
          || (source.startsWith(other + ":") && destination.startsWith(one + ":"));
    }
  }
}
