package dev.heddle.meshapi.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkloadIdentityTest {
  private static final SpiffeId ID = SpiffeId.of("cluster.local", "shop", "cart");
  private static final Duration LONG = Duration.ofHours(24);

  @TempDir Path directory;
  private final CountingMetrics metrics = new CountingMetrics();
  private TestAuthority authority;

  @BeforeEach
  void createAuthority() throws Exception {
    authority = new TestAuthority("root");
  }

  @Test
  void keepsTryingUntilTheAuthorityAnswers() throws Exception {
    AtomicInteger attempts = new AtomicInteger();
    CertificateSource source =
        anchors -> {
          if (attempts.incrementAndGet() < 3) {
            throw new CertificateUnavailableException("down", new IOException("refused"));
          }
          return signed(ID, LONG);
        };

    try (WorkloadIdentity identity = start(source, null)) {
      assertThat(identity.awaitFirst(Duration.ofSeconds(20))).isTrue();

      assertThat(identity.current()).map(WorkloadCertificate::id).contains(ID);
      assertThat(metrics.failures).hasValue(2);
      assertThat(metrics.renewals).hasValue(1);
    }
  }

  @Test
  void anErrorInTheSourceDoesNotEndRenewal() throws Exception {
    AtomicInteger attempts = new AtomicInteger();
    CertificateSource source =
        anchors -> {
          if (attempts.incrementAndGet() == 1) {
            throw new NoClassDefFoundError("broken");
          }
          return signed(ID, LONG);
        };

    try (WorkloadIdentity identity = start(source, null)) {
      assertThat(identity.awaitFirst(Duration.ofSeconds(20))).isTrue();
    }
  }

  @Test
  void renewsOverANewKeyAndTellsListeners() throws Exception {
    List<WorkloadCertificate> seen = new CopyOnWriteArrayList<>();

    try (WorkloadIdentity identity = start(anchors -> signed(ID, Duration.ofSeconds(3)), null)) {
      identity.onChange(seen::add);

      await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(() -> assertThat(seen).hasSizeGreaterThan(1));
      assertThat(seen.get(0).privateKey()).isNotEqualTo(seen.get(1).privateKey());
    }
  }

  @Test
  void startsFromTheKeptCertificateWhileTheAuthorityIsDown() throws Exception {
    try (WorkloadIdentity identity = start(anchors -> signed(ID, LONG), directory)) {
      assertThat(identity.awaitFirst(Duration.ofSeconds(20))).isTrue();
    }

    try (WorkloadIdentity restarted = start(WorkloadIdentityTest::down, directory)) {
      assertThat(restarted.current()).map(WorkloadCertificate::id).contains(ID);
      assertThat(restarted.current().orElseThrow().trustAnchors())
          .containsExactly(authority.certificate());
    }
  }

  @Test
  void keepsTheKeyForItsOwnerOnly() throws Exception {
    try (WorkloadIdentity identity = start(anchors -> signed(ID, LONG), directory)) {
      assertThat(identity.awaitFirst(Duration.ofSeconds(20))).isTrue();
    }

    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(directory.resolve("identity.pem"))))
        .isEqualTo("rw-------");
    assertThat(directory).isDirectoryNotContaining("glob:**.next");
  }

  @Test
  void doesNotUseADamagedOrForeignState() throws Exception {
    Path file = directory.resolve("identity.pem");
    Files.writeString(file, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    try (WorkloadIdentity identity = start(WorkloadIdentityTest::down, directory)) {
      assertThat(identity.current()).isEmpty();
    }

    new CertificateStore(directory)
        .keep(signed(SpiffeId.of("cluster.local", "shop", "other"), LONG));
    try (WorkloadIdentity identity = start(WorkloadIdentityTest::down, directory)) {
      assertThat(identity.current()).isEmpty();
    }
  }

  @Test
  void doesNotUseAnExpiredState() throws Exception {
    new CertificateStore(directory).keep(signed(ID, Duration.ofSeconds(-10)));

    try (WorkloadIdentity identity = start(WorkloadIdentityTest::down, directory)) {
      assertThat(identity.current()).isEmpty();
    }
  }

  private WorkloadIdentity start(CertificateSource source, @Nullable Path stateDirectory) {
    IdentitySettings settings =
        new IdentitySettings(
            "localhost:1",
            "heddle-system",
            ID,
            directory.resolve("token"),
            List.of(authority.certificate()),
            stateDirectory);
    return WorkloadIdentity.start(settings, source, metrics, Clock.systemUTC());
  }

  private WorkloadCertificate signed(SpiffeId id, Duration life) throws GeneralSecurityException {
    try {
      return authority.workload(id, life);
    } catch (Exception e) {
      throw new GeneralSecurityException(e);
    }
  }

  private static WorkloadCertificate down(List<X509Certificate> anchors)
      throws CertificateUnavailableException {
    throw new CertificateUnavailableException("down", new IOException("refused"));
  }

  private static final class CountingMetrics implements IdentityMetrics {
    private final AtomicInteger renewals = new AtomicInteger();
    private final AtomicInteger failures = new AtomicInteger();

    @Override
    public void renewed(Instant notAfter) {
      renewals.incrementAndGet();
    }

    @Override
    public void renewalFailed() {
      failures.incrementAndGet();
    }
  }
}
