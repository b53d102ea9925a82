package dev.heddle.smiadapter.injection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.heddle.smiadapter.settings.MeshConfigurationParser;
import dev.heddle.smiadapter.webhook.WebhookServer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The endpoint as the API server meets it. */
class InjectionEndpointTest {
  private static final String POD =
      """
      {"apiVersion":"v1","kind":"Pod","metadata":{"name":"cart"},"spec":{"containers":[{"name":"app","image":"app"}]}}
      """;

  @TempDir Path directory;
  private final ObjectMapper mapper = new ObjectMapper();
  private volatile Optional<Marks> namespace =
      Optional.of(new Marks(Map.of("heddle.dev/inject", "enabled"), Map.of()));
  private volatile Optional<InjectionSettings> settings = Optional.empty();
  private WebhookServer server;
  private @Nullable HttpClient client;

  @BeforeEach
  void start() throws Exception {
    settings =
        Optional.of(
            new InjectionSettings(
                "heddle-system",
                "cluster.local",
                "xds:1",
                "ca:1",
                "PEM",
                new MeshConfigurationParser()
                    .parse("trustDomain: cluster.local\nproxy: {image: heddle-proxy:1}")
                    .proxy()));
    server =
        WebhookServer.start(
            0,
            directory,
            Map.of(
                "/inject",
                new InjectionReviews(
                    "heddle-system",
                    name -> namespace,
                    () -> settings,
                    new SimpleMeterRegistry())));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void injects() throws Exception {
    serveWith("one");

    JsonNode response = review(POD);

    assertThat(response.path("uid").asText()).isEqualTo("42");
    assertThat(response.path("allowed").asBoolean()).isTrue();
    assertThat(response.path("patchType").asText()).isEqualTo("JSONPatch");
    String patch =
        new String(
            Base64.getDecoder().decode(response.path("patch").asText()), StandardCharsets.UTF_8);
    assertThat(mapper.readTree(patch).at("/1/path").asText()).isEqualTo("/spec/initContainers");
  }

  @Test
  void refusesWhileItCannotInjectWhatAsksForAProxy() throws Exception {
    serveWith("one");
    settings = Optional.empty();

    JsonNode response = review(POD);

    assertThat(response.path("allowed").asBoolean()).isFalse();
    assertThat(response.at("/status/code").asInt()).isEqualTo(503);
    namespace = Optional.of(new Marks(Map.of(), Map.of()));
    assertThat(review(POD).path("allowed").asBoolean()).isTrue();
  }

  @Test
  void refusesWhatIsNoReview() throws Exception {
    serveWith("one");

    assertThat(post("{}".getBytes(StandardCharsets.UTF_8)).statusCode()).isEqualTo(400);
    assertThat(post("[".getBytes(StandardCharsets.UTF_8)).statusCode()).isEqualTo(400);
    assertThat(post(new byte[3 * 1024 * 1024 + 1]).statusCode()).isEqualTo(413);
  }

  @Test
  void isNotReadyWithoutACertificate() throws Exception {
    assertThat(server.missing()).isPresent();
    serveWith("one");
    assertThat(server.missing()).isEmpty();
  }

  @Test
  void doesNotServeOverPlainHttp() {
    try (HttpClient plain = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://localhost:" + server.port() + "/inject"))
              .build();
      assertThatThrownBy(() -> plain.send(request, HttpResponse.BodyHandlers.discarding()))
          .isInstanceOf(IOException.class);
    }
  }

  private JsonNode review(String pod) throws Exception {
    String review =
        """
        {"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"42",
         "resource":{"group":"","version":"v1","resource":"pods"},"operation":"CREATE",
         "namespace":"shop","object":%s}}
        """
            .formatted(pod);
    HttpResponse<String> response = post(review.getBytes(StandardCharsets.UTF_8));
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return mapper.readTree(response.body()).path("response");
  }

  private HttpResponse<String> post(byte[] body) throws Exception {
    HttpClient current = client;
    if (current == null) {
      throw new IllegalStateException("call serveWith first");
    }
    return current.send(
        HttpRequest.newBuilder(URI.create("https://localhost:" + server.port() + "/inject"))
            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private void serveWith(String name) throws Exception {
    WebhookCertificate certificate = WebhookCertificate.make(name);
    Files.writeString(directory.resolve("tls.key"), certificate.key());
    Files.writeString(directory.resolve("tls.crt"), certificate.chain());
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    store.setCertificateEntry("root", certificate.root());
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLSv1.3");
    context.init(null, trust.getTrustManagers(), null);
    client = HttpClient.newBuilder().sslContext(context).build();
  }
}
