package dev.heddle.ca.signing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.heddle.ca.authentication.Authenticator;
import dev.heddle.ca.authentication.ReviewUnavailableException;
import dev.heddle.ca.authentication.TokenReviewResult;
import dev.heddle.ca.authentication.TokenReviewer;
import dev.heddle.ca.certificates.CertificateMaker;
import dev.heddle.ca.certificates.Root;
import dev.heddle.ca.certificates.SigningAuthority;
import dev.heddle.meshapi.certificate.v1.CertificateAuthorityGrpc;
import dev.heddle.meshapi.certificate.v1.SignCertificateRequest;
import dev.heddle.meshapi.certificate.v1.SignCertificateResponse;
import dev.heddle.meshapi.identity.CertificateSigningRequest;
import dev.heddle.meshapi.identity.IdentityMetrics;
import dev.heddle.meshapi.identity.IdentitySettings;
import dev.heddle.meshapi.identity.MeshTls;
import dev.heddle.meshapi.identity.Pem;
import dev.heddle.meshapi.identity.SpiffeId;
import dev.heddle.meshapi.identity.WorkloadCertificate;
import dev.heddle.meshapi.identity.WorkloadIdentity;
import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole way over real TLS: a workload's own client against the CA's own server. */
class CertificateServerTest {
  private static final SpiffeId CA = SpiffeId.of("cluster.local", "heddle-system", "heddle-ca");
  private static final SpiffeId CART = SpiffeId.of("cluster.local", "shop", "cart");
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir Path directory;

  private final CertificateMaker maker =
      new CertificateMaker(Clock.systemUTC(), new SecureRandom());
  private final ServingIdentity serving =
      new ServingIdentity(CA, Duration.ofHours(1), maker, Clock.systemUTC());
  private final CountingMetrics metrics = new CountingMetrics();
  private volatile Duration lifetime = Duration.ofHours(24);
  private volatile Optional<SigningAuthority> authority = Optional.empty();
  private volatile TokenReviewer reviewer = CertificateServerTest::cart;
  private Root root;
  private CertificateServer server;
  private int port;

  @BeforeEach
  void start() throws Exception {
    root = root("one");
    use(root, List.of(root.anchor()));
    server = newServer();
    port = server.port();
    Files.writeString(directory.resolve("token"), "aaa.bbb.ccc\n");
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void aWorkloadGetsACertificateOfItsAccount() throws Exception {
    try (WorkloadIdentity identity = identity(null)) {
      assertThat(identity.awaitFirst(PATIENCE)).isTrue();

      WorkloadCertificate certificate = identity.current().orElseThrow();
      assertThat(certificate.id()).isEqualTo(CART);
      assertThat(certificate.chain()).hasSize(2);
      assertThat(certificate.trustAnchors()).containsExactly(root.anchor());
      assertThat(metrics.signed).hasValue(1);
    }
  }

  @Test
  void namesInARequestAreIgnored() throws Exception {
    KeyPair keys = CertificateSigningRequest.newKeyPair();
    byte[] request =
        new JcaPKCS10CertificationRequestBuilder(new X500Principal("CN=admin"), keys.getPublic())
            .build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate()))
            .getEncoded();

    SignCertificateResponse response = call(request, "Bearer aaa.bbb.ccc");

    X509Certificate leaf = Pem.certificate(response.getCertificateChain(0).toByteArray());
    assertThat(leaf.getSubjectX500Principal().getName()).isEmpty();
    assertThat(SpiffeId.fromCertificate(leaf)).isEqualTo(CART);
    assertThat(leaf.getSubjectAlternativeNames()).hasSize(1);
  }

  @Test
  void aRefusedTokenGetsNothing() throws Exception {
    reviewer = token -> new TokenReviewResult(false, "", List.of(), Map.of());

    assertStatus(request(), "Bearer aaa.bbb.ccc", Status.Code.UNAUTHENTICATED);
    assertStatus(request(), null, Status.Code.UNAUTHENTICATED);
    assertThat(metrics.refusals(Refusal.UNAUTHENTICATED)).isEqualTo(2);
    assertThat(metrics.signed).hasValue(0);
  }

  @Test
  void aBadRequestIsRefused() throws Exception {
    assertStatus(new byte[] {1, 2, 3}, "Bearer aaa.bbb.ccc", Status.Code.INVALID_ARGUMENT);
    assertStatus(new byte[9000], "Bearer aaa.bbb.ccc", Status.Code.INVALID_ARGUMENT);
    assertStatus(new byte[20_000], "Bearer aaa.bbb.ccc", Status.Code.RESOURCE_EXHAUSTED);
  }

  @Test
  void saysThatTokensCannotBeReviewedNow() throws Exception {
    reviewer =
        token -> {
          throw new ReviewUnavailableException("down", new RuntimeException());
        };

    assertStatus(request(), "Bearer aaa.bbb.ccc", Status.Code.UNAVAILABLE);
  }

  @Test
  void aFloodIsRefusedAndTheServerGoesOn() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    reviewer =
        token -> {
          try {
            release.await(30, TimeUnit.SECONDS);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return cart(token);
        };
    byte[] request = request();
    List<ManagedChannel> channels = new ArrayList<>();
    AtomicInteger overloaded = new AtomicInteger();
    try {
      // 4 calls per connection; 16 are worked on, 512 wait.
      for (int i = 0; i < 150; i++) {
        ManagedChannel channel = channel();
        channels.add(channel);
        for (int j = 0; j < 4; j++) {
          var future =
              CertificateAuthorityGrpc.newFutureStub(channel)
                  .withInterceptors(authorization("Bearer aaa.bbb.ccc"))
                  .withDeadlineAfter(40, TimeUnit.SECONDS)
                  .signCertificate(message(request));
          future.addListener(
              () -> {
                try {
                  future.get();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                } catch (ExecutionException e) {
                  if (Status.fromThrowable(e).getCode() == Status.Code.RESOURCE_EXHAUSTED) {
                    overloaded.incrementAndGet();
                  }
                }
              },
              Runnable::run);
        }
      }
      await().atMost(PATIENCE).until(() -> overloaded.get() >= 600 - 512 - 16);
    } finally {
      release.countDown();
      for (ManagedChannel channel : channels) {
        channel.shutdownNow();
      }
    }
    reviewer = CertificateServerTest::cart;
    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(() -> call(request(), "Bearer aaa.bbb.ccc") != null);
  }

  @Test
  void renewsOverANewKey() throws Exception {
    lifetime = Duration.ofSeconds(4);
    restart();
    try (WorkloadIdentity identity = identity(null)) {
      assertThat(identity.awaitFirst(PATIENCE)).isTrue();
      WorkloadCertificate first = identity.current().orElseThrow();

      await().atMost(PATIENCE).until(() -> !identity.current().equals(Optional.of(first)));
      assertThat(identity.current().orElseThrow().leaf().getPublicKey())
          .isNotEqualTo(first.leaf().getPublicKey());
    }
  }

  @Test
  void aRestartedWorkloadStartsWithoutTheCa() throws Exception {
    try (WorkloadIdentity identity = identity(directory)) {
      assertThat(identity.awaitFirst(PATIENCE)).isTrue();
    }
    server.close();

    try (WorkloadIdentity restarted = identity(directory)) {
      assertThat(restarted.current().map(WorkloadCertificate::id)).contains(CART);
    }
  }

  @Test
  void followsARotationOfTheRootFromTheAnswersOfTheCa() throws Exception {
    lifetime = Duration.ofSeconds(4);
    restart();
    Root next = root("two");
    try (WorkloadIdentity identity = identity(null)) {
      assertThat(identity.awaitFirst(PATIENCE)).isTrue();

      use(root, List.of(root.anchor(), next.anchor()));
      awaitAnchors(identity, 2);
      use(next, List.of(root.anchor(), next.anchor()));
      await()
          .atMost(PATIENCE)
          .until(() ->
              Root.isIssuedBy(identity.current().orElseThrow().chain().getLast(), next.anchor()));
      use(next, List.of(next.anchor()));
      awaitAnchors(identity, 1);
    }
  }

  @Test
  void aWorkloadDoesNotShowItsTokenToAnotherCa() throws Exception {
    Root impostor = root("impostor");
    use(impostor, List.of(impostor.anchor()));
    AtomicInteger reviews = new AtomicInteger();
    reviewer =
        token -> {
          reviews.incrementAndGet();
          return cart(token);
        };

    try (WorkloadIdentity identity = identity(null)) {
      assertThat(identity.awaitFirst(Duration.ofSeconds(2))).isFalse();
    }
    assertThat(reviews).hasValue(0);
  }

  private static void awaitAnchors(WorkloadIdentity identity, int count) {
    await()
        .atMost(PATIENCE)
        .until(() -> identity.current().orElseThrow().trustAnchors().size() == count);
  }

  private static TokenReviewResult cart(String token) {
    return new TokenReviewResult(
        token.equals("aaa.bbb.ccc"),
        "system:serviceaccount:shop:cart",
        List.of("heddle-ca"),
        Map.of("authentication.kubernetes.io/pod-name", List.of("cart-1")));
  }

  private Root root(String name) throws Exception {
    return Root.of(maker.root(name, Duration.ofDays(10)), List.of(), Clock.systemUTC().instant());
  }

  private void use(Root signing, List<X509Certificate> anchors) throws Exception {
    SigningAuthority next =
        new SigningAuthority(
            maker.intermediate(signing, "cluster.local", Duration.ofDays(5)), anchors);
    serving.refresh(next);
    authority = Optional.of(next);
  }

  private void restart() throws Exception {
    server.close();
    server = newServer();
    port = server.port();
  }

  private CertificateServer newServer() throws Exception {
    return CertificateServer.start(
        0,
        serving::current,
        executor ->
            new CertificateService(
                "cluster.local",
                lifetime,
                new Authenticator(token -> reviewer.review(token)),
                maker,
                () -> authority,
                metrics,
                executor));
  }

  private WorkloadIdentity identity(@Nullable Path state) {
    return WorkloadIdentity.start(
        new IdentitySettings(
            "127.0.0.1:" + port,
            "heddle-system",
            CART,
            directory.resolve("token"),
            List.of(root.anchor()),
            state),
        IdentityMetrics.NONE);
  }

  private static byte[] request() throws Exception {
    return CertificateSigningRequest.encode(CertificateSigningRequest.newKeyPair());
  }

  private static SignCertificateRequest message(byte[] request) {
    return SignCertificateRequest.newBuilder()
        .setCertificateSigningRequest(ByteString.copyFrom(request))
        .build();
  }

  private ManagedChannel channel() throws Exception {
    return NettyChannelBuilder.forAddress("127.0.0.1", port)
        .sslContext(MeshTls.clientWithoutCertificate(() -> List.of(root.anchor()), CA))
        .build();
  }

  private SignCertificateResponse call(byte[] request, @Nullable String authorization)
      throws Exception {
    ManagedChannel channel = channel();
    try {
      return CertificateAuthorityGrpc.newBlockingStub(channel)
          .withInterceptors(authorization(authorization))
          .withDeadlineAfter(20, TimeUnit.SECONDS)
          .signCertificate(message(request));
    } finally {
      channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    }
  }

  private static ClientInterceptor authorization(@Nullable String authorization) {
    Metadata headers = new Metadata();
    if (authorization != null) {
      headers.put(
          Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), authorization);
    }
    return MetadataUtils.newAttachHeadersInterceptor(headers);
  }

  private void assertStatus(byte[] request, @Nullable String authorization, Status.Code expected) {
    assertThatThrownBy(() -> call(request, authorization))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getStatus().getCode()).isEqualTo(expected));
  }

  private static final class CountingMetrics implements SigningMetrics {
    private final AtomicInteger signed = new AtomicInteger();
    private final Map<Refusal, AtomicInteger> refused = new ConcurrentHashMap<>();

    @Override
    public void signed() {
      signed.incrementAndGet();
    }

    @Override
    public void refused(Refusal refusal) {
      refused.computeIfAbsent(refusal, r -> new AtomicInteger()).incrementAndGet();
    }

    int refusals(Refusal refusal) {
      return refused.getOrDefault(refusal, new AtomicInteger()).get();
    }
  }
}
