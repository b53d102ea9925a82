package dev.heddle.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.heddle.dataplane.bootstrap.BootstrapReader;
import dev.heddle.dataplane.settings.ProcessSettings;
import dev.heddle.meshapi.process.LogLevel;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A bootstrap file, a real proxy, a real app. */
final class StandaloneProxyTest {

  @TempDir private Path directory;

  @Test
  void servesByABootstrapFileAndDrains() throws Exception {
    try (AppServer app = AppServer.start("hello")) {
      // Given
      String text =
          Files.readString(Path.of("src/test/resources/bootstrap/valid.yaml"))
              .replace("10080", "0")
              .replace("10070", "0")
              .replace("9901", "0")
              .replace("18080", Integer.toString(app.port()));
      Path file = Files.writeString(directory.resolve("bootstrap.yaml"), text);
      var bootstrap = BootstrapReader.read(file);
      ProcessSettings settings =
          new ProcessSettings(2, false, LogLevel.INFO, Duration.ofSeconds(5), 0, bootstrap.admin());
      try (Proxy proxy = Proxy.standalone(settings, bootstrap)) {
        await().until(() -> proxy.address("web") != null && proxy.address("bytes") != null);

        // When
        HttpResponse<String> http = get(proxy.address("web"), "/");
        HttpResponse<String> bytes = get(proxy.address("bytes"), "/");

        // Then
        assertThat(http.statusCode()).isEqualTo(200);
        assertThat(http.body()).isEqualTo("hello");
        assertThat(bytes.body()).isEqualTo("hello");
        assertThat(app.requests()).isEqualTo(2);

        InetSocketAddress web = proxy.address("web");
        proxy.drain();
        assertThat(proxy.address("web")).isNull();
        assertThat(web).isNotNull();
      }
    }
  }

  private static HttpResponse<String> get(@Nullable InetSocketAddress address, String path)
      throws Exception {
    assertThat(address).isNotNull();
    try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      return client.send(
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + address.getPort() + path))
              .build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }
}
