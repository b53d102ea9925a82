package dev.heddle.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two proxies with identities of their own, mutual TLS between them, a CA and control planes in the
 * test's process. Without the pod's redirect the client calls a listener that binds.
 */
final class MeshPairTest {

  @TempDir private Path directory;

  @Test
  void splitsOverMutualTlsAndRefusesTheWrongIdentity() throws Exception {
    try (AppServer v1 = AppServer.start("v1");
        AppServer v2 = AppServer.start("v2");
        LoopbackMesh mesh =
            LoopbackMesh.splitting(
                directory,
                List.of(
                    new LoopbackMesh.App("v1", v1.port(), 90),
                    new LoopbackMesh.App("v2", v2.port(), 10)))) {
      // Given
      int port = mesh.clientSide().getPort();

      // When
      Map<String, Integer> answers = new HashMap<>();
      try (HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
        for (int i = 0; i < 400; i++) {
          HttpResponse<String> response =
              http.send(
                  HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/")).build(),
                  HttpResponse.BodyHandlers.ofString());
          answers.merge(response.statusCode() + response.body(), 1, Integer::sum);
        }
      }

      // Then
      assertThat(answers).containsOnlyKeys("200v1", "200v2");
      assertThat(answers.get("200v2")).isNotNull().isBetween(15, 75);

      // And an endpoint that proves to be somebody else gets nothing
      int before = v1.requests() + v2.requests();
      mesh.expect("somebody");
      try (HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
        await()
            .atMost(Duration.ofSeconds(10))
            .until(() ->
                http.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/"))
                                .build(),
                            HttpResponse.BodyHandlers.ofString())
                        .statusCode()
                    == 503);
      }
      assertThat(v1.requests() + v2.requests()).isLessThanOrEqualTo(before + 100);
    }
  }
}
