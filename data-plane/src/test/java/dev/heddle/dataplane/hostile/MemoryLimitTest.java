package dev.heddle.dataplane.hostile;

import static dev.heddle.dataplane.http.harness.RawClient.lines;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.heddle.dataplane.BootstrappedProxy;
import dev.heddle.dataplane.http.harness.RawClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A proxy in a process of its own, with the memory that a pod gives it and the flag that ends it
 * when it runs out: more is asked of it than it has.
 */
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class MemoryLimitTest {
  private static final int CONNECTIONS = 4000;
  private static final int HEAD_BYTES = 55_000;
  private static final String GET = lines("GET / HTTP/1.1", "Host: shop", "Connection: close");

  @TempDir private Path directory;

  @Test
  void shedsLoadInsteadOfDying() throws Exception {
    List<RawClient> hostile = new ArrayList<>();
    try (Victim victim = new Victim()) {
      InetSocketAddress address = freeAddress();
      Process proxy = start(address, victim.address().getPort());
      try {
        await().atMost(Duration.ofSeconds(60)).until(() -> answer(address).equals("200"));

        // Half a head each, as large as heads may be.
        TreeMap<String, Integer> answers = new TreeMap<>();
        byte[] head =
            ("GET / HTTP/1.1\r\nHost: shop\r\nX: " + "a".repeat(HEAD_BYTES))
                .getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < CONNECTIONS; i++) {
          open(address, head, hostile);
          if (i % 50 == 0) {
            answers.merge(answer(address), 1, Integer::sum);
          }
        }
        assertThat(proxy.isAlive()).as("the proxy lives; answers: %s", answers).isTrue();
        assertThat(answers).containsKey("200");

        for (RawClient client : hostile) {
          client.close();
        }
        await().atMost(Duration.ofSeconds(60)).until(() -> answer(address).equals("200"));
        assertThat(proxy.isAlive()).isTrue();
      } finally {
        proxy.destroy();
        assertThat(proxy.waitFor(30, TimeUnit.SECONDS)).isTrue();
      }
    }
  }

  private static InetSocketAddress freeAddress() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return (InetSocketAddress) free.getLocalSocketAddress();
    }
  }

  private static void open(InetSocketAddress address, byte[] head, List<RawClient> opened)
      throws IOException {
    try {
      RawClient client = new RawClient(address);
      opened.add(client);
      client.send(head);
    } catch (SocketException e) {
      // Refused: what the proxy may do with whoever fills its memory.
      return;
    }
  }

  /** The status that another caller gets; what went wrong if it gets none. */
  private static String answer(InetSocketAddress address) {
    try (RawClient client = new RawClient(address)) {
      String response = client.send(GET).rest();
      return response.isEmpty() ? "closed" : response.split(" ", 3)[1];
    } catch (IOException e) {
      return e.getClass().getSimpleName();
    }
  }

  private Process start(InetSocketAddress address, int appPort) throws IOException {
    Path file =
        Files.writeString(
            directory.resolve("bootstrap.yaml"),
            BootstrappedProxy.beforeAnApp(address.getPort(), appPort));
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx58m",
                "-XX:+UseSerialGC",
                "-XX:+UseCompactObjectHeaders",
                "-XX:+ExitOnOutOfMemoryError",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.heddle.dataplane.Main",
                "--config",
                file.toString())
            .redirectErrorStream(true)
            .redirectOutput(Path.of("target", "memory-limit-proxy.log").toFile());
    builder.environment().put("HEDDLE_HEALTH_PORT", "0");
    builder.environment().put("HEDDLE_DRAIN_TIMEOUT_SECONDS", "1");
    return builder.start();
  }
}
