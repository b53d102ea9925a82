package dev.heddle.dataplane.hostile.tool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.dataplane.BootstrappedProxy;
import dev.heddle.dataplane.http.harness.RawServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * slowhttptest (Debian; {@code make/packages attack} installs it) in all its modes against a proxy
 * with the settings it has by itself. While it attacks, others are served.
 */
final class SlowHttpTestIT {
  private static final Duration ATTACK = Duration.ofSeconds(15);
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  @TempDir private Path directory;

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "slow headers, -H",
    "slow body, -B",
    "Range of many parts, -R",
    "slow read, -X",
  })
  void doesNotStopServiceToOthers(String name, String mode) throws Exception {
    try (RawServer app = RawServer.answering("x".repeat(100_000));
        BootstrappedProxy proxy =
            BootstrappedProxy.start(
                directory, BootstrappedProxy.beforeAnApp(0, app.address().getPort()));
        HttpClient others = HttpClient.newBuilder().connectTimeout(PATIENCE).build()) {
      String url = "http://127.0.0.1:" + proxy.address("web").getPort() + "/";
      Path folder = ExternalTool.folder("slowhttptest" + mode);
      List<String> command = new ArrayList<>(List.of("slowhttptest", mode));
      command.addAll(List.of("-c", "2000", "-r", "500", "-i", "2", "-x", "24", "-p", "5"));
      command.addAll(List.of("-l", Long.toString(ATTACK.toSeconds()), "-u", url));
      Process attack = ExternalTool.start(folder, command);
      int served = 0;
      try {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url)).timeout(PATIENCE).build();
        while (!attack.waitFor(50, TimeUnit.MILLISECONDS)) {
          HttpResponse<String> response =
              others.send(request, HttpResponse.BodyHandlers.ofString());
          assertThat(response.statusCode()).isEqualTo(200);
          served++;
        }
      } finally {
        attack.destroyForcibly();
      }
      assertThat(attack.exitValue()).as("see %s", folder).isZero();
      assertThat(served).isPositive();
    }
  }
}
