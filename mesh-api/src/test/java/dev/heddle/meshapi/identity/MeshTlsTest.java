package dev.heddle.meshapi.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heddle.meshapi.certificate.v1.CertificateAuthorityGrpc;
import dev.heddle.meshapi.certificate.v1.SignCertificateRequest;
import dev.heddle.meshapi.certificate.v1.SignCertificateResponse;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.handler.ssl.SslContext;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MeshTlsTest {
  private static final SpiffeId SERVER =
      SpiffeId.of("cluster.local", "heddle-system", "heddle-smi-adapter");
  private static final SpiffeId CLIENT = SpiffeId.of("cluster.local", "shop", "cart");
  private static final Duration LIFE = Duration.ofHours(1);

  private volatile Optional<WorkloadCertificate> serverIdentity = Optional.empty();
  private volatile Optional<WorkloadCertificate> clientIdentity = Optional.empty();
  private volatile Optional<SpiffeId> caller = Optional.empty();
  private TestAuthority authority;
  private Server server;

  @BeforeEach
  void startServer() throws Exception {
    authority = new TestAuthority("one");
    serverIdentity = Optional.of(authority.workload(SERVER, LIFE));
    clientIdentity = Optional.of(authority.workload(CLIENT, LIFE));
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .sslContext(MeshTls.server(() -> serverIdentity, "cluster.local"))
            .intercept(new CallerIdentity())
            .addService(new NotingService())
            .build()
            .start();
  }

  @AfterEach
  void stopServer() throws Exception {
    server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
  }

  @Test
  void tellsTheServiceWhoCalls() throws Exception {
    call(MeshTls.client(() -> clientIdentity, SERVER));

    assertThat(caller).contains(CLIENT);
  }

  @Test
  void refusesAServerOfAnotherIdentity() throws Exception {
    serverIdentity = Optional.of(authority.workload(CLIENT, LIFE));
    SslContext context = MeshTls.client(() -> clientIdentity, SERVER);

    assertRefused(context, "expected: " + SERVER);
  }

  @Test
  void refusesAServerOfAnotherAuthority() throws Exception {
    serverIdentity = Optional.of(new TestAuthority("two").workload(SERVER, LIFE));
    SslContext context = MeshTls.client(() -> clientIdentity, SERVER);

    assertRefused(context, "does not lead to a trust anchor");
  }

  @Test
  void refusesAnExpiredServer() throws Exception {
    serverIdentity = Optional.of(authority.workload(SERVER, Duration.ofSeconds(-5)));

    assertRefused(MeshTls.client(() -> clientIdentity, SERVER), "does not lead to a trust anchor");
  }

  @Test
  void refusesAClientWithoutCertificate() throws Exception {
    SslContext context =
        MeshTls.clientWithoutCertificate(() -> List.of(authority.certificate()), SERVER);

    assertThatThrownBy(() -> call(context)).isInstanceOf(StatusRuntimeException.class);
    assertThat(caller).isEmpty();
  }

  @Test
  void refusesAClientOfAnotherTrustDomain() throws Exception {
    SpiffeId stranger = SpiffeId.of("other.local", "shop", "cart");
    clientIdentity = Optional.of(authority.workload(stranger, LIFE));

    assertThatThrownBy(() -> call(MeshTls.client(() -> clientIdentity, SERVER)))
        .isInstanceOf(StatusRuntimeException.class);
    assertThat(caller).isEmpty();
  }

  @Test
  void takesARotatedCertificateAndAnchorsAtTheNextHandshake() throws Exception {
    SslContext context = MeshTls.client(() -> clientIdentity, SERVER);
    call(context);
    TestAuthority next = new TestAuthority("two");
    WorkloadCertificate client = next.workload(CLIENT, LIFE);
    WorkloadCertificate newServer = next.workload(SERVER, LIFE);
    // Two anchors at once: each side already trusts both while the other still shows the old one.
    clientIdentity = Optional.of(trustingBoth(clientIdentity.orElseThrow(), next));
    serverIdentity = Optional.of(trustingBoth(newServer, next));
    call(context);
    clientIdentity = Optional.of(client);
    call(context);

    assertThat(caller).contains(CLIENT);
  }

  private WorkloadCertificate trustingBoth(WorkloadCertificate certificate, TestAuthority next) {
    return WorkloadCertificate.of(
        certificate.privateKey(),
        certificate.chain(),
        List.of(authority.certificate(), next.certificate()),
        certificate.id());
  }

  private void assertRefused(SslContext context, String reason) {
    assertThatThrownBy(() -> call(context))
        .isInstanceOf(StatusRuntimeException.class)
        .hasStackTraceContaining(reason);
    assertThat(caller).isEmpty();
  }

  private void call(SslContext context) throws InterruptedException {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", server.getPort()).sslContext(context).build();
    try {
      SignCertificateResponse ignored =
          CertificateAuthorityGrpc.newBlockingStub(channel)
              .withDeadlineAfter(10, TimeUnit.SECONDS)
              .signCertificate(SignCertificateRequest.getDefaultInstance());
      assertThat(ignored).isNotNull();
    } finally {
      channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    }
  }

  private final class NotingService extends CertificateAuthorityGrpc.CertificateAuthorityImplBase {
    @Override
    public void signCertificate(
        SignCertificateRequest request, StreamObserver<SignCertificateResponse> responses) {
      caller = Optional.of(CallerIdentity.current());
      responses.onNext(SignCertificateResponse.getDefaultInstance());
      responses.onCompleted();
    }
  }
}
