package dev.heddle.smiadapter.aggregated;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateEncodingException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509KeyManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The API as the aggregator and kubectl meet it: real HTTPS with real client certificates. Answers
 * are compared with files in {@code src/test/resources/aggregated}; {@code -Dgolden.write=true}
 * writes them, to be read before they are committed.
 */
final class MetricsApiServerTest {

  private static final Path GOLDEN = Path.of("src/test/resources/aggregated");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String V1 = "/apis/metrics.smi-spec.io/v1alpha1";
  private static final String V2 = "/apis/metrics.smi-spec.io/v1alpha2";
  private static final String TABLE =
      "application/json;as=Table;v=v1;g=meta.k8s.io,"
          + "application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json";
  private static final String DISCOVERY =
      "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";

  private final TestCluster cluster = new TestCluster();
  private final List<Attributes> asked = new CopyOnWriteArrayList<>();
  private final List<User> users = new CopyOnWriteArrayList<>();
  private final List<HttpClient> clients = new ArrayList<>();
  private volatile RequestHeaderSettings settings = RequestHeaderSettings.NONE;
  private TestAuthority requestHeader;
  private TestAuthority serving;
  private MetricsApiServer server;

  @BeforeEach
  void start() throws Exception {
    requestHeader = new TestAuthority("front-proxy-ca");
    serving = new TestAuthority("webhook-ca");
    settings = believing(requestHeader);
    Authorization authorization =
        (user, attributes) -> {
          users.add(user);
          asked.add(attributes);
          if (user.name().equals("mallory")) {
            throw ApiException.forbidden("User \"mallory\" cannot " + attributes);
          }
        };
    server =
        MetricsApiServer.start(
            0,
            Arrays.stream(serving.server())
                .filter(X509KeyManager.class::isInstance)
                .map(X509KeyManager.class::cast)
                .findFirst()
                .orElseThrow(),
            new MetricsApi(
                new RequestHeaderAuthentication(() -> settings),
                authorization,
                cluster::meshState,
                cluster,
                cluster.traffic()),
            new SimpleMeterRegistry());
  }

  @AfterEach
  void stop() {
    clients.forEach(HttpClient::close);
    server.close();
  }

  @ParameterizedTest
  @CsvSource({
    "discovery-groups,                 , /apis",
    "discovery-group,                  , /apis/metrics.smi-spec.io",
    "discovery-v1alpha1,               , /apis/metrics.smi-spec.io/v1alpha1",
    "discovery-aggregated,    discovery, /apis",
    "namespaces,                       , /apis/metrics.smi-spec.io/v1alpha1/namespaces",
    "namespace,                        , /apis/metrics.smi-spec.io/v1alpha1/namespaces/shop",
    "namespace-edges,                  , /apis/metrics.smi-spec.io/v1alpha1/namespaces/shop/edges",
    "nodes,                            , /apis/metrics.smi-spec.io/v1alpha1/nodes",
    "node-edges,                       , /apis/metrics.smi-spec.io/v1alpha1/nodes/node-1/edges",
    "pods,                             , /apis/metrics.smi-spec.io/v1alpha1/namespaces/shop/pods",
    "pod-edges,                        , /apis/metrics.smi-spec.io/v1alpha2/namespaces/shop/pods/web-v2-6b5f9c7d4-abcde/edges",
    "deployments,                      , /apis/metrics.smi-spec.io/v1alpha1/deployments",
    "deployment,                       , /apis/metrics.smi-spec.io/v1alpha1/namespaces/shop/deployments/web-v1",
    "deployment-without-traffic,       , /apis/metrics.smi-spec.io/v1alpha1/namespaces/shop/deployments/idle",
    "deployment-edges,                 , /apis/metrics.smi-spec.io/v1alpha1/namespaces/shop/deployments/client/edges",
    "deployment-edges-table,      table, /apis/metrics.smi-spec.io/v1alpha1/namespaces/shop/deployments/web-v2/edges",
    "deployments-selected,             , /apis/metrics.smi-spec.io/v1alpha1/namespaces/shop/deployments?labelSelector=app%3Dweb",
    "deployments-page,                 , /apis/metrics.smi-spec.io/v1alpha1/namespaces/shop/deployments?limit=2",
    "replicasets,                      , /apis/metrics.smi-spec.io/v1alpha1/namespaces/shop/replicasets",
    "statefulsets,                     , /apis/metrics.smi-spec.io/v1alpha1/namespaces/shop/statefulsets",
    "services,                         , /apis/metrics.smi-spec.io/v1alpha1/namespaces/shop/services",
    "service-edges,                    , /apis/metrics.smi-spec.io/v1alpha1/namespaces/shop/services/web/edges",
    "trafficsplits,                    , /apis/metrics.smi-spec.io/v1alpha1/trafficsplits",
    "trafficsplit,                     , /apis/metrics.smi-spec.io/v1alpha2/namespaces/shop/trafficsplits/web-rollout",
    "trafficsplits-table,         table, /apis/metrics.smi-spec.io/v1alpha1/namespaces/shop/trafficsplits",
    "trafficmetrics,                   , /apis/metrics.smi-spec.io/v1alpha2/namespaces/shop/trafficmetrics",
    "trafficmetrics-table,        table, /apis/metrics.smi-spec.io/v1alpha2/namespaces/shop/trafficmetrics?limit=500",
    "trafficmetrics-objects,      table, /apis/metrics.smi-spec.io/v1alpha2/namespaces/shop/trafficmetrics?includeObject=Object&fieldSelector=metadata.name%3Dweb-v1",
    "trafficmetrics-selected,     table, /apis/metrics.smi-spec.io/v1alpha2/namespaces/shop/trafficmetrics?labelSelector=app%3Dweb&includeObject=None",
    "trafficmetric,                    , /apis/metrics.smi-spec.io/v1alpha2/namespaces/shop/trafficmetrics/web-v1",
    "trafficmetric-table,         table, /apis/metrics.smi-spec.io/v1alpha2/namespaces/shop/trafficmetrics/web-v1?t=10s",
    "not-found,                        , /apis/metrics.smi-spec.io/v1alpha2/namespaces/shop/trafficmetrics/nobody",
    "wrong-window,                     , /apis/metrics.smi-spec.io/v1alpha2/namespaces/shop/trafficmetrics?t=10m"
  })
  void answers(String name, @Nullable String form, String path) throws Exception {
    String accept = form == null ? "application/json" : form.equals("table") ? TABLE : DISCOVERY;

    HttpResponse<String> response = get(proxy(), path, "alice", "Accept", accept);

    JsonNode body = JSON.readTree(response.body());
    String text = JSON.writerWithDefaultPrettyPrinter().writeValueAsString(body) + "\n";
    Path file = GOLDEN.resolve(name + ".json");
    if (Boolean.getBoolean("golden.write")) {
      Files.createDirectories(GOLDEN);
      Files.writeString(file, text);
    }
    assertThat(text).isEqualTo(Files.readString(file));
    assertThat(response.statusCode())
        .isEqualTo(body.path("kind").asText().equals("Status") ? body.path("code").asInt() : 200);
  }

  @Test
  void believesHeadersOfTheProxyOnly() throws Exception {
    assertThat(get(proxy(), V1, "alice").statusCode()).isEqualTo(200);
    // Signed by the authority of the cluster's users, who could call themselves anything.
    TestAuthority ordinary = new TestAuthority("front-proxy-ca");
    assertUnauthorized(get(client(ordinary.client("front-proxy-client")), V1, "alice"));
    assertUnauthorized(get(client(serving.client("front-proxy-client")), V1, "alice"));
    // The right authority, another name.
    assertUnauthorized(get(client(requestHeader.client("kubelet")), V1, "alice"));
    assertUnauthorized(get(client(requestHeader.expiredClient("front-proxy-client")), V1, "alice"));
    // Not a certificate for clients.
    assertUnauthorized(get(client(requestHeader.server()), V1, "alice"));
    assertUnauthorized(get(client(new KeyManager[0]), V1, "alice"));
    assertUnauthorized(get(proxy(), V1, null));
    assertThat(asked).hasSize(1);
  }

  @Test
  void anyNameOfTheAuthorityIsTheProxyIfNoneIsSet() throws Exception {
    settings =
        new RequestHeaderSettings(
            List.of(requestHeader.certificate()),
            List.of(),
            settings.usernameHeaders(),
            List.of(),
            settings.groupHeaders(),
            settings.extraPrefixes());

    assertThat(get(client(requestHeader.client("anything")), V1, "alice").statusCode())
        .isEqualTo(200);
  }

  @Test
  void followsTheAuthorityWhenItIsReplaced() throws Exception {
    HttpClient before = proxy();
    assertThat(get(before, V1, "alice").statusCode()).isEqualTo(200);
    TestAuthority next = new TestAuthority("front-proxy-ca");

    settings = believing(next);

    // Also on a connection that is open.
    assertUnauthorized(get(before, V1, "alice"));
    assertThat(get(client(next.client("front-proxy-client")), V1, "alice").statusCode())
        .isEqualTo(200);
  }

  @Test
  void believesNobodyBeforeItKnowsWhom() throws Exception {
    settings = RequestHeaderSettings.NONE;

    assertUnauthorized(get(proxy(), V1, "alice"));
  }

  @Test
  void takesUserGroupsAndAttributesFromTheHeaders() throws Exception {
    get(
        proxy(),
        V1,
        "system:serviceaccount:shop:grafana",
        "X-Remote-Group",
        "system:serviceaccounts, with a comma",
        "x-remote-group",
        "system:authenticated",
        "X-Remote-Uid",
        "42",
        "X-REMOTE-EXTRA-Acme.com%2Fproject",
        "one",
        "X-Remote-Extra-Acme.com%2Fproject",
        "two",
        "X-Remote-Extra-a+b%zz",
        "three");

    assertThat(users)
        .containsExactly(
            new User(
                "system:serviceaccount:shop:grafana",
                "42",
                List.of("system:serviceaccounts, with a comma", "system:authenticated"),
                Map.of("acme.com/project", List.of("one", "two"), "a+b%zz", List.of("three"))));
  }

  @Test
  void asksWhetherTheUserMay() throws Exception {
    get(proxy(), V1 + "/namespaces/shop/pods", "alice");
    get(proxy(), V2 + "/namespaces/shop/pods/web-1/edges", "alice");
    get(proxy(), V1 + "/namespaces/shop", "alice");
    get(proxy(), V1 + "/namespaces/shop/edges", "alice");
    get(proxy(), V1 + "/nodes", "alice");
    get(proxy(), V1, "alice");
    get(proxy(), "/apis/metrics.smi-spec.io/v9", "alice");

    assertThat(asked)
        .containsExactly(
            new Attributes.OfResource("list", "v1alpha1", "pods", "", "shop", ""),
            new Attributes.OfResource("get", "v1alpha2", "pods", "edges", "shop", "web-1"),
            new Attributes.OfResource("get", "v1alpha1", "namespaces", "", "shop", "shop"),
            new Attributes.OfResource("list", "v1alpha1", "edges", "", "shop", ""),
            new Attributes.OfResource("list", "v1alpha1", "nodes", "", "", ""),
            new Attributes.OfPath("get", V1),
            new Attributes.OfPath("get", "/apis/metrics.smi-spec.io/v9"));
    HttpResponse<String> refused = get(proxy(), V1 + "/namespaces/shop/pods", "mallory");
    assertStatus(refused, 403, "Forbidden");
    assertThat(refused.body())
        .contains(
            "User \\\"mallory\\\" cannot list resource \\\"pods\\\" in API group"
                + " \\\"metrics.smi-spec.io\\\" in the namespace \\\"shop\\\"");
  }

  @Test
  void refusesWhatItDoesNotDo() throws Exception {
    assertStatus(get(proxy(), V1 + "/configmaps", "alice"), 404, "NotFound");
    assertStatus(get(proxy(), V1 + "/pods/web-1", "alice"), 404, "NotFound");
    assertStatus(get(proxy(), "/openapi/v2", "alice"), 404, "NotFound");
    assertStatus(
        get(proxy(), V1 + "/namespaces/shop/trafficsplits/web-rollout/edges", "alice"),
        404,
        "NotFound");
    assertStatus(get(proxy(), V1 + "/pods?watch=true", "alice"), 405, "MethodNotAllowed");
    assertStatus(
        get(proxy(), V1 + "/pods", "alice", "Accept", "application/vnd.kubernetes.protobuf"),
        406,
        "NotAcceptable");
    assertStatus(get(proxy(), V1 + "/pods?limit=-1", "alice"), 400, "BadRequest");
    assertStatus(get(proxy(), V1 + "/pods?t=soon", "alice"), 400, "BadRequest");
    assertStatus(get(proxy(), V1 + "/pods?labelSelector=!!", "alice"), 400, "BadRequest");
    assertStatus(get(proxy(), V1 + "/pods?continue=old", "alice"), 410, "Expired");
    assertStatus(
        get(proxy(), V1 + "/trafficmetrics?fieldSelector=status.phase%3DRunning", "alice"),
        400,
        "BadRequest");
    HttpRequest post =
        request(V1 + "/namespaces/shop/pods", "alice")
            .POST(HttpRequest.BodyPublishers.ofString("{}"))
            .build();
    assertStatus(proxy().send(post, HttpResponse.BodyHandlers.ofString()), 405, "MethodNotAllowed");
  }

  @Test
  void answersHeadWithoutABody() throws Exception {
    HttpRequest head = request(V1, "alice").HEAD().build();

    HttpResponse<String> response = proxy().send(head, HttpResponse.BodyHandlers.ofString());

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEmpty();
  }

  @Test
  void tellsAnybodyThatItIsWell() throws Exception {
    assertThat(get(client(new KeyManager[0]), "/readyz", null).statusCode()).isEqualTo(200);
    assertThat(get(client(new KeyManager[0]), "/livez", null).statusCode()).isEqualTo(200);
    assertThat(asked).isEmpty();
  }

  private static void assertUnauthorized(HttpResponse<String> response) throws IOException {
    assertStatus(response, 401, "Unauthorized");
  }

  private static void assertStatus(HttpResponse<String> response, int code, String reason)
      throws IOException {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(code);
    JsonNode status = JSON.readTree(response.body());
    assertThat(status.path("kind").asText()).isEqualTo("Status");
    assertThat(status.path("apiVersion").asText()).isEqualTo("v1");
    assertThat(status.path("status").asText()).isEqualTo("Failure");
    assertThat(status.path("reason").asText()).isEqualTo(reason);
    assertThat(status.path("code").asInt()).isEqualTo(code);
  }

  private HttpClient proxy() throws Exception {
    return client(requestHeader.client("front-proxy-client"));
  }

  private HttpClient client(KeyManager[] keys) throws Exception {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    store.setCertificateEntry("root", serving.certificate());
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLSv1.3");
    context.init(keys, trust.getTrustManagers(), null);
    HttpClient client = HttpClient.newBuilder().sslContext(context).build();
    clients.add(client);
    return client;
  }

  private HttpResponse<String> get(
      HttpClient client, String path, @Nullable String user, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request = request(path, user);
    if (headers.length > 0) {
      for (int i = 0; i < headers.length; i += 2) {
        request.header(headers[i], headers[i + 1]);
      }
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpRequest.Builder request(String path, @Nullable String user) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("https://localhost:" + server.port() + path));
    if (user != null) {
      request.header("X-Remote-User", user);
    }
    return request;
  }

  private static RequestHeaderSettings believing(TestAuthority authority)
      throws CertificateEncodingException {
    return RequestHeaderSettings.parse(
        Map.of(
            "client-ca-file",
            "unused here",
            "requestheader-client-ca-file",
            authority.pem(),
            "requestheader-allowed-names",
            "[\"front-proxy-client\"]",
            "requestheader-username-headers",
            "[\"X-Remote-User\"]",
            "requestheader-uid-headers",
            "[\"X-Remote-Uid\"]",
            "requestheader-group-headers",
            "[\"X-Remote-Group\"]",
            "requestheader-extra-headers-prefix",
            "[\"X-Remote-Extra-\"]"));
  }
}
