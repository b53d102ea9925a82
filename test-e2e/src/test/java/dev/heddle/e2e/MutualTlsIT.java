package dev.heddle.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.heddle.e2e.mesh.CertificateAuthorityClient;
import dev.heddle.e2e.mesh.CertificateAuthorityClient.Signed;
import dev.heddle.e2e.mesh.Mesh;
import dev.heddle.e2e.mesh.MeshTest;
import dev.heddle.e2e.workload.LoadGenerator;
import dev.heddle.e2e.workload.LoadGenerator.Load;
import dev.heddle.e2e.workload.LoadReport;
import dev.heddle.e2e.workload.Probe;
import dev.heddle.e2e.workload.Probe.TlsPeer;
import dev.heddle.e2e.workload.TestNamespace;
import dev.heddle.e2e.workload.WebServer;
import dev.heddle.e2e.workload.WireCapture;
import dev.heddle.e2e.workload.WireCapture.Flow;
import io.fabric8.kubernetes.api.model.Pod;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What an eavesdropper sees is TLS 1.3, each side knows who the other is, and nobody becomes
 * another.
 */
@MeshTest
class MutualTlsIT {

  private static TestNamespace shop;
  private static TestNamespace outside;
  private static LoadGenerator client;

  @BeforeAll
  static void deploy(Mesh mesh) {
    shop = TestNamespace.inMesh(mesh.kubernetes(), "tls");
    outside = TestNamespace.outsideMesh(mesh.kubernetes(), "tls-outside");
    shop.apply(WebServer.manifest("web", "v1", 1));
    client = LoadGenerator.deploy(shop, "client");
    LoadGenerator.deploy(outside, "client").close();
    shop.awaitRollout("web-v1");
  }

  @AfterAll
  static void remove() {
    client.close();
    shop.close();
    outside.close();
  }

  @Test
  void theWireCarriesTls13() throws Exception {
    LoadGenerator.Run http =
        client.start(new Load("http://web-v1:8080/", "http1", 20, 2, 0, null, null));
    LoadGenerator.Run grpc =
        client.start(new Load("http://web-v1:9090/", "grpc", 20, 2, 0, null, null));
    String clientAddress = client.pod().getStatus().getPodIP();
    List<Flow> flows;
    try (WireCapture capture = WireCapture.deploy(outside)) {
      // A new pod of the server makes new connections, so that whole handshakes are seen.
      flows = capture.during(clientAddress, Duration.ofSeconds(12), () -> shop.restart("web-v1"));
    }
    for (LoadGenerator.Run run : List.of(http, grpc)) {
      LoadReport report = run.stop();
      assertThat(report.failures()).as("failures: %s", report.errors()).isZero();
    }

    String server = shop.pod("web").getStatus().getPodIP();
    for (int port : new int[] {8080, 9090}) {
      assertThat(flows)
          .as("handshakes of the client to port %s", port)
          .anySatisfy(flow -> {
            assertThat(flow.source()).startsWith(clientAddress + ":");
            assertThat(flow.destination()).isEqualTo(server + ":" + port);
            assertThat(flow.tls().clientHello().serverName()).isEqualTo("mesh.heddle.internal");
          })
          .anySatisfy(flow -> {
            assertThat(flow.source()).isEqualTo(server + ":" + port);
            assertThat(flow.tls().serverHello().version()).isEqualTo("TLS 1.3");
          });
    }
    assertThat(flows)
        .filteredOn(flow -> flow.between(clientAddress, server))
        .isNotEmpty()
        .allSatisfy(flow ->
            assertThat(flow.text())
                .doesNotContain("GET / HTTP")
                .doesNotContain("PRI * HTTP")
                .doesNotContain("Workload-Version"));
  }

  @Test
  void bothSidesKnowEachOther(Mesh mesh) {
    LoadGenerator.Run run = client.start(Load.requests("http://web-v1:8080/", "http1", 50));
    await().atMost(Duration.ofSeconds(20)).until(() -> !run.report().running());

    Map<String, String> both =
        Map.of(
            "source_principal",
            "spiffe://cluster.local/ns/" + shop.name() + "/sa/client",
            "destination_principal",
            "spiffe://cluster.local/ns/" + shop.name() + "/sa/web-v1",
            "source_workload",
            "client",
            "destination_workload",
            "web-v1");
    assertThat(mesh.metrics(client.pod()).sum("istio_requests_total", both))
        .isGreaterThanOrEqualTo(50);
    Map<String, String> overTls = new HashMap<>(both);
    overTls.put("connection_security_policy", "mutual_tls");
    assertThat(mesh.metrics(shop.pod("web")).sum("istio_requests_total", overTls))
        .isGreaterThanOrEqualTo(50);
  }

  @Test
  void aServerShowsItsOwnIdentityAndAsksForTheClients() {
    TlsPeer peer =
        Probe.tlsPeek(
            outside,
            "client",
            shop.pod("web").getStatus().getPodIP() + ":8080",
            "mesh.heddle.internal");
    assertThat(peer.version()).isEqualTo("TLS 1.3");
    assertThat(peer.certificateAsked()).isTrue();
    assertThat(peer.certificates().getFirst().uris())
        .containsExactly("spiffe://cluster.local/ns/" + shop.name() + "/sa/web-v1");
  }

  @Test
  void aPodGetsOnlyItsOwnAccountsCertificate(Mesh mesh) {
    Pod pod = client.pod();
    try (CertificateAuthorityClient authority = CertificateAuthorityClient.connect(mesh)) {
      String token = authority.boundToken(pod, "heddle-ca");
      Signed signed =
          authority.sign(
              token,
              "spiffe://cluster.local/ns/" + shop.name() + "/sa/web-v1",
              "web-v1." + shop.name());
      assertThat(signed.uris())
          .containsExactly("spiffe://cluster.local/ns/" + shop.name() + "/sa/client");
      assertThat(signed.dnsNames()).isEmpty();
      assertThat(signed.subject()).isEmpty();
    }
  }

  @Test
  void aTokenOfAnotherAudienceIsRefused(Mesh mesh) {
    try (CertificateAuthorityClient authority = CertificateAuthorityClient.connect(mesh)) {
      String forTheApiServer = authority.boundToken(client.pod(), "https://kubernetes.default.svc");
      assertThatThrownBy(() -> authority.sign(forTheApiServer, "spiffe://x/ns/a/sa/b", "x"))
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              refused ->
                  assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED));
      assertThatThrownBy(() -> authority.sign("not-a-token", "spiffe://x/ns/a/sa/b", "x"))
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              refused ->
                  assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED));
    }
  }
}
