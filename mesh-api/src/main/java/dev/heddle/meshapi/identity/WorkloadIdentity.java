package dev.heddle.meshapi.identity;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has a certificate of this workload at all times: obtains the first, renews it at half-life over a
 * new key, keeps it in the state directory and starts from there. No failure ends it; what it has
 * stays in use and the next attempt is made after a back-off. All of it happens on one daemon
 * thread.
 */
public final class WorkloadIdentity implements AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(WorkloadIdentity.class);
  private static final Duration TERMINATION = Duration.ofSeconds(5);

  private final IdentitySettings settings;
  private final CertificateSource source;
  private final @Nullable CertificateStore store;
  private final RenewalSchedule schedule;
  private final IdentityMetrics metrics;
  private final Clock clock;
  private final ScheduledExecutorService executor;
  private final AtomicReference<@Nullable WorkloadCertificate> current = new AtomicReference<>();
  private final CopyOnWriteArrayList<Consumer<WorkloadCertificate>> listeners =
      new CopyOnWriteArrayList<>();
  private final CountDownLatch first = new CountDownLatch(1);

  /** Only touched on the executor's thread. */
  private int failures;

  private WorkloadIdentity(
      IdentitySettings settings,
      CertificateSource source,
      RenewalSchedule schedule,
      IdentityMetrics metrics,
      Clock clock) {
    this.settings = settings;
    this.source = source;
    this.store =
        settings.stateDirectory() == null ? null : new CertificateStore(settings.stateDirectory());
    this.schedule = schedule;
    this.metrics = metrics;
    this.clock = clock;
    ScheduledThreadPoolExecutor single =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().name("workload-identity").daemon().factory());
    single.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    this.executor = single;
  }

  /**
   * Begins to obtain certificates. What was kept in the state directory is current before this
   * returns, if it is still valid; otherwise see {@link #awaitFirst}.
   */
  public static WorkloadIdentity start(IdentitySettings settings, IdentityMetrics metrics) {
    return start(settings, new CertificateAuthorityClient(settings), metrics, Clock.systemUTC());
  }

  static WorkloadIdentity start(
      IdentitySettings settings, CertificateSource source, IdentityMetrics metrics, Clock clock) {
    WorkloadIdentity identity =
        new WorkloadIdentity(
            settings, source, new RenewalSchedule(RandomGenerator.getDefault()), metrics, clock);
    identity.begin();
    return identity;
  }

  /** The certificate to use now. It may have expired if the CA could not be reached for long. */
  public Optional<WorkloadCertificate> current() {
    return Optional.ofNullable(current.get());
  }

  /** The identity that this workload expects to have. */
  public SpiffeId id() {
    return settings.id();
  }

  /**
   * Waits for the first certificate.
   *
   * @return whether there is one
   */
  public boolean awaitFirst(Duration timeout) throws InterruptedException {
    return first.await(timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * Calls the listener with the current certificate, if there is one, and with each that follows,
   * on the thread of this object. It must not block.
   *
   * @throws java.util.concurrent.RejectedExecutionException after {@link #close}
   */
  public void onChange(Consumer<WorkloadCertificate> listener) {
    executor.execute(() -> {
      listeners.add(listener);
      WorkloadCertificate certificate = current.get();
      if (certificate != null) {
        notify(listener, certificate);
      }
    });
  }

  /** Ends renewal. The current certificate stays readable. */
  @Override
  public void close() {
    executor.shutdownNow();
    try {
      if (!executor.awaitTermination(TERMINATION.toMillis(), TimeUnit.MILLISECONDS)) {
        LOGGER.warn("A certificate request is still running after {}", TERMINATION);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void begin() {
    Optional<WorkloadCertificate> kept = readKept();
    kept.ifPresent(this::publish);
    Duration wait =
        kept.map(certificate ->
                schedule.afterSuccess(
                    clock.instant(), certificate.notBefore(), certificate.notAfter()))
            .orElse(Duration.ZERO);
    scheduleRenewal(wait);
  }

  private Optional<WorkloadCertificate> readKept() {
    if (store == null) {
      return Optional.empty();
    }
    try {
      Optional<WorkloadCertificate> kept = store.kept();
      if (kept.isPresent() && !kept.get().id().equals(settings.id())) {
        LOGGER.warn("The kept certificate is that of {}; it is not used", kept.get().id());
        return Optional.empty();
      }
      kept.ifPresent(certificate ->
          LOGGER.info(
              "Starting with the kept certificate, valid until {}", certificate.notAfter()));
      return kept;
    } catch (IOException | GeneralSecurityException | RuntimeException e) {
      LOGGER.warn("The kept certificate is not used", e);
      return Optional.empty();
    }
  }

  private void scheduleRenewal(Duration wait) {
    if (!executor.isShutdown()) {
      // Nothing is lost with the future: renew catches whatever is thrown.
      ScheduledFuture<?> _ = executor.schedule(this::renew, wait.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private void renew() {
    Duration wait;
    try {
      WorkloadCertificate certificate = source.obtain(trustAnchors());
      failures = 0;
      keep(certificate);
      publish(certificate);
      Instant now = clock.instant();
      wait = schedule.afterSuccess(now, now, certificate.notAfter());
      LOGGER.info(
          "Certificate of {} valid until {}, next in {}",
          certificate.id(),
          certificate.notAfter(),
          wait);
    } catch (CertificateUnavailableException
        | IOException
        | GeneralSecurityException
        | RuntimeException
        | Error e) {
      if (executor.isShutdown()) {
        return;
      }
      failures++;
      wait = schedule.afterFailure(failures);
      metrics.renewalFailed();
      LOGGER.warn("No new certificate of {}, next attempt in {}", settings.id(), wait, e);
    }
    scheduleRenewal(wait);
  }

  /**
   * The anchors of the start are kept: with a state that was damaged or is old they are the way
   * back.
   */
  private List<X509Certificate> trustAnchors() {
    SequencedSet<X509Certificate> anchors = new LinkedHashSet<>(settings.trustAnchors());
    anchors.addAll(current().map(WorkloadCertificate::trustAnchors).orElse(List.of()));
    return List.copyOf((Collection<X509Certificate>) anchors);
  }

  private void keep(WorkloadCertificate certificate) {
    if (store == null) {
      return;
    }
    try {
      store.keep(certificate);
    } catch (IOException | GeneralSecurityException e) {
      LOGGER.warn("The certificate cannot be kept in {}", settings.stateDirectory(), e);
    }
  }

  private void publish(WorkloadCertificate certificate) {
    current.set(certificate);
    metrics.renewed(certificate.notAfter());
    first.countDown();
    for (Consumer<WorkloadCertificate> listener : listeners) {
      notify(listener, certificate);
    }
  }

  private static void notify(
      Consumer<WorkloadCertificate> listener, WorkloadCertificate certificate) {
    try {
      listener.accept(certificate);
    } catch (RuntimeException e) {
      LOGGER.error("A listener to certificates failed", e);
    }
  }
}
