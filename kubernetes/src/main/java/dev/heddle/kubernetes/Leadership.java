package dev.heddle.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfig;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfigBuilder;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether this replica holds a Lease. Lost leadership is sought again for as long as the process
 * lives.
 */
public final class Leadership implements AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(Leadership.class);
  private static final Duration LEASE = Duration.ofSeconds(15);
  private static final Duration RENEW_DEADLINE = Duration.ofSeconds(10);
  private static final Duration RETRY = Duration.ofSeconds(2);

  private final KubernetesClient client;
  private final LeaseLock lock;
  private final String lease;
  private final ScheduledExecutorService executor;
  private volatile Runnable elected = () -> {};
  private volatile boolean leading;
  private volatile boolean closed;
  private volatile CompletableFuture<?> election = CompletableFuture.completedFuture(null);

  /**
   * Seeks nothing until it is started.
   *
   * @param holder the name of this replica, unique among them
   * @param executor where elections run
   */
  public Leadership(
      KubernetesClient client,
      String namespace,
      String lease,
      String holder,
      ScheduledExecutorService executor) {
    this.client = client;
    this.executor = executor;
    this.lock = new LeaseLock(namespace, lease, holder);
    this.lease = lease;
  }

  /**
   * Begins to seek the Lease.
   *
   * @param whenElected called each time it is obtained; must not block
   */
  public void start(Runnable whenElected) {
    elected = whenElected;
    seek();
  }

  /** Whether this replica holds the Lease. */
  public boolean isLeading() {
    return leading;
  }

  /** Releases the Lease. */
  @Override
  public void close() {
    closed = true;
    leading = false;
    election.cancel(true);
  }

  private void seek() {
    if (closed) {
      return;
    }
    LeaderElectionConfig configuration =
        new LeaderElectionConfigBuilder()
            .withName(lease)
            .withLock(lock)
            .withLeaseDuration(LEASE)
            .withRenewDeadline(RENEW_DEADLINE)
            .withRetryPeriod(RETRY)
            .withReleaseOnCancel(true)
            .withLeaderCallbacks(
                new LeaderCallbacks(
                    this::obtained,
                    this::lost,
                    leader -> LOGGER.info("Lease {} is held by {}", lease, leader)))
            .build();
    CompletableFuture<?> next = client.leaderElector().withConfig(configuration).build().start();
    election = next;
    CompletableFuture<?> _ = next.whenComplete((_, failure) -> ended(failure));
  }

  private void obtained() {
    leading = true;
    LOGGER.info("This replica holds Lease {}", lease);
    elected.run();
  }

  private void lost() {
    leading = false;
    LOGGER.info("This replica does not hold Lease {} any more", lease);
  }

  private void ended(@Nullable Throwable failure) {
    leading = false;
    if (!closed) {
      LOGGER.warn("The election of Lease {} ended and begins again", lease, failure);
      ScheduledFuture<?> _ = executor.schedule(this::seek, RETRY.toMillis(), TimeUnit.MILLISECONDS);
    }
  }
}
