package dev.heddle.dataplane.twin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** The Envoy that {@code make/envoy} fetches, as a process. */
public final class StockEnvoy implements TwinProxy {

  private static final int NO_ENVOY_FOR_PLATFORM = 3;
  private static final Duration FETCH_TIME = Duration.ofMinutes(3);
  private static final Duration START_TIME = Duration.ofSeconds(30);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Process process;
  private final URI admin;

  private StockEnvoy(Process process, URI admin) {
    this.process = process;
    this.admin = admin;
  }

  /** The executable; the test is skipped where there is none for this platform. */
  public static Path executable() throws IOException, InterruptedException {
    Process fetch =
        new ProcessBuilder("../make/envoy").redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String output = new String(fetch.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(fetch.waitFor(FETCH_TIME.toSeconds(), TimeUnit.SECONDS))
        .as("make/envoy ends")
        .isTrue();
    Assumptions.assumeTrue(
        fetch.exitValue() != NO_ENVOY_FOR_PLATFORM, "there is no Envoy for this platform");
    assertThat(fetch.exitValue()).as("exit status of make/envoy").isZero();
    return Path.of(output.strip());
  }

  /** Starts it and waits until it serves. */
  public static StockEnvoy start(Path executable, Path bootstrap, Path directory)
      throws IOException {
    Path address = directory.resolve("envoy-admin");
    Path log = directory.resolve("envoy.log");
    Process process =
        new ProcessBuilder(
                executable.toString(),
                "--config-path",
                bootstrap.toString(),
                "--concurrency",
                "1",
                "--disable-hot-restart",
                "--log-level",
                "warning",
                "--admin-address-path",
                address.toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      await()
          .atMost(START_TIME)
          .until(() -> {
            assertThat(process.isAlive()).as(() -> "Envoy runs: " + text(log)).isTrue();
            return Files.exists(address) && Files.size(address) > 0;
          });
      StockEnvoy envoy =
          new StockEnvoy(process, URI.create("http://" + Files.readString(address).strip()));
      await()
          .atMost(START_TIME)
          .ignoreExceptions()
          .until(() -> envoy.get("/ready").contains("LIVE"));
      return envoy;
    } catch (RuntimeException | Error | IOException e) {
      process.destroyForcibly();
      throw e;
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private String get(String path) throws IOException {
    var connection = admin.resolve(path).toURL().openConnection();
    connection.setConnectTimeout(2000);
    connection.setReadTimeout(5000);
    try (var in = connection.getInputStream()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Override
  public InetSocketAddress address(String listener) throws IOException {
    for (JsonNode status : JSON.readTree(get("/listeners?format=json")).get("listener_statuses")) {
      if (status.get("name").asText().equals(listener)) {
        return new InetSocketAddress(
            InetAddress.getLoopbackAddress(),
            status.at("/local_address/socket_address/port_value").asInt());
      }
    }
    throw new AssertionError("Envoy has no listener " + listener);
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (process.waitFor(5, TimeUnit.SECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process.destroyForcibly();
  }
}
