package dev.heddle.ca;

import dev.heddle.ca.authentication.Authenticator;
import dev.heddle.ca.certificates.CertificateMaker;
import dev.heddle.ca.certificates.SigningAuthority;
import dev.heddle.ca.kubernetes.KubernetesAuthorityStore;
import dev.heddle.ca.kubernetes.KubernetesTokenReviewer;
import dev.heddle.ca.kubernetes.ProblemEvents;
import dev.heddle.ca.rotation.AuthorityKeeper;
import dev.heddle.ca.rotation.AuthoritySettings;
import dev.heddle.ca.rotation.StoredSecret;
import dev.heddle.ca.signing.CertificateServer;
import dev.heddle.ca.signing.CertificateService;
import dev.heddle.ca.signing.ServingIdentity;
import dev.heddle.kubernetes.Leadership;
import dev.heddle.kubernetes.ObjectWatch;
import dev.heddle.meshapi.process.HealthServer;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The running CA. Every replica signs with the intermediate it reads from its Secret; the one that
 * holds the Lease also makes and renews what is in the Secrets. All that changes state happens on
 * one thread.
 */
final class CertificateAuthorityProcess implements AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(CertificateAuthorityProcess.class);
  private static final String COMPONENT = "heddle-ca";
  private static final Duration INTERVAL = Duration.ofSeconds(30);
  private static final Duration RETRY = Duration.ofSeconds(2);

  private final Clock clock = Clock.systemUTC();
  private final CaMetrics metrics = new CaMetrics();
  private final CertificateMaker maker = new CertificateMaker(clock, new SecureRandom());
  private final ScheduledExecutorService executor =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("authority").daemon().factory());
  private final KubernetesClient client;
  private final AuthorityKeeper keeper;
  private final ProblemEvents events;
  private final ServingIdentity servingIdentity;
  private final CertificateServer server;
  private final HealthServer health;
  private final ObjectWatch<Secret> watch;
  private final Leadership leadership;

  private volatile @Nullable SigningAuthority authority;
  private volatile List<String> problems = List.of();

  CertificateAuthorityProcess(
      CaSettings settings, KubernetesClient client, int port, int healthPort) throws IOException {
    this.client = client;
    Map<String, String> labels =
        Map.of(
            "app.kubernetes.io/part-of", "heddle",
            "app.kubernetes.io/component", "ca",
            "app.kubernetes.io/managed-by", COMPONENT);
    KubernetesAuthorityStore store =
        new KubernetesAuthorityStore(client, settings.meshNamespace(), labels);
    this.keeper = new AuthorityKeeper(settings.authority(), store, maker, clock);
    this.events = new ProblemEvents(client, settings.meshNamespace(), settings.podName());
    Duration lifetime = settings.authority().workloadLifetime();
    this.servingIdentity = new ServingIdentity(settings.id(), lifetime, maker, clock);
    this.health =
        HealthServer.start(
            healthPort,
            Map.of(),
            Map.of("signing certificate", this::missingAuthority),
            metrics::page);
    this.server =
        CertificateServer.start(
            port,
            servingIdentity::current,
            bounded ->
                new CertificateService(
                    settings.authority().trustDomain(),
                    lifetime,
                    new Authenticator(new KubernetesTokenReviewer(client)),
                    maker,
                    this::validAuthority,
                    metrics,
                    bounded));
    showMetrics();
    this.watch =
        store.follow(
            AuthoritySettings.INTERMEDIATE_SECRET, secret -> executor.execute(() -> read(secret)));
    this.leadership =
        new Leadership(client, settings.meshNamespace(), COMPONENT, settings.podName(), executor);
    leadership.start(() -> executor.execute(() -> guarded(this::keep)));
    metrics.showLeading(() -> leadership.isLeading() ? 1 : 0);
    scheduleNext(INTERVAL);
  }

  @Override
  public void close() {
    leadership.close();
    watch.close();
    server.close();
    executor.shutdownNow();
    health.close();
    client.close();
  }

  private void scheduleNext(Duration wait) {
    if (!executor.isShutdown()) {
      // Nothing is lost with the future: tick catches whatever is thrown.
      ScheduledFuture<?> _ = executor.schedule(this::tick, wait.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private void tick() {
    if (leadership.isLeading()) {
      guarded(this::keep);
    }
    guarded(this::refreshServingIdentity);
    scheduleNext(problems.isEmpty() ? INTERVAL : RETRY);
  }

  private interface Task {
    void run() throws GeneralSecurityException;
  }

  private void guarded(Task task) {
    try {
      task.run();
    } catch (GeneralSecurityException | RuntimeException | Error e) {
      metrics.authorityFailed();
      LOGGER.error("The authorities could not be looked after; tried again later", e);
    }
  }

  private void refreshServingIdentity() throws GeneralSecurityException {
    SigningAuthority current = authority;
    if (current != null) {
      servingIdentity.refresh(current);
    }
  }

  private void keep() {
    List<String> found = keeper.keep();
    if (!found.isEmpty()) {
      metrics.authorityFailed();
    }
    if (!found.equals(problems)) {
      for (String problem : found) {
        LOGGER.warn("{}", problem);
        events.warn("AuthorityNotReady", problem);
      }
      if (found.isEmpty()) {
        LOGGER.info("All authorities are in order");
      }
    }
    problems = found;
  }

  private void read(StoredSecret secret) {
    try {
      SigningAuthority read = AuthorityKeeper.signingAuthority(secret);
      servingIdentity.refresh(read);
      authority = read;
      LOGGER.info(
          "Signing with {} until {}, {} trust anchors",
          read.issuer().certificate().getSubjectX500Principal(),
          read.notAfter(),
          read.trustAnchors().size());
    } catch (GeneralSecurityException | RuntimeException e) {
      // What was read before stays in use; the replica that holds the Lease makes the Secret anew.
      metrics.authorityFailed();
      LOGGER.error("Secret {} is not used", secret.name(), e);
    }
  }

  private Optional<SigningAuthority> validAuthority() {
    return Optional.ofNullable(authority)
        .filter(current -> clock.instant().isBefore(current.notAfter()));
  }

  private Optional<String> missingAuthority() {
    if (validAuthority().isPresent()) {
      return Optional.empty();
    }
    return Optional.of(
        problems.isEmpty()
            ? "not made yet by the replica that holds Lease " + COMPONENT
            : String.join("; ", problems));
  }

  private void showMetrics() {
    metrics.showExpiry(
        "intermediate",
        () ->
            Optional.ofNullable(authority)
                .map(SigningAuthority::notAfter)
                .map(this::secondsUntil)
                .orElse(Double.NaN));
    metrics.showExpiry(
        "serving",
        () ->
            servingIdentity
                .current()
                .map(serving -> secondsUntil(serving.notAfter()))
                .orElse(Double.NaN));
    metrics.showExpiry(
        "trust-anchor",
        () ->
            Optional.ofNullable(authority).stream()
                .flatMap(current -> current.trustAnchors().stream())
                .mapToDouble(anchor -> secondsUntil(anchor.getNotAfter().toInstant()))
                .min()
                .orElse(Double.NaN));
  }

  private double secondsUntil(Instant time) {
    return Duration.between(clock.instant(), time).toSeconds();
  }
}
