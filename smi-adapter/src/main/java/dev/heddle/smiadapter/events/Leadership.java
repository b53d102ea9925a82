package dev.heddle.smiadapter.events;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfigBuilder;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElector;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Holds, or waits for, the Lease of the one adapter that speaks to users. */
public final class Leadership implements AutoCloseable {

  private static final Logger LOGGER = LoggerFactory.getLogger(Leadership.class);
  private static final Duration LEASE = Duration.ofSeconds(15);
  private static final Duration RENEW_DEADLINE = Duration.ofSeconds(10);
  private static final Duration RETRY = Duration.ofSeconds(2);

  private final KubernetesClient client;
  private final LeaseLock lock;
  private volatile Runnable gained = () -> {};
  private final ScheduledExecutorService executor;
  private volatile boolean leading;
  private volatile boolean closed;
  private volatile CompletableFuture<?> election = CompletableFuture.completedFuture(null);

  /**
   * Prepares the election.
   *
   * @param holder who this is, unique among the replicas
   * @param executor where elections run
   */
  public Leadership(
      KubernetesClient client,
      String namespace,
      String lease,
      String holder,
      ScheduledExecutorService executor) {
    this.client = client;
    this.lock = new LeaseLock(namespace, lease, holder);
    this.executor = executor;
  }

  /**
   * Stands for election, again and again.
   *
   * @param whenGained what to do each time leadership is gained; must not block
   */
  public void start(Runnable whenGained) {
    gained = whenGained;
    stand();
  }

  private void stand() {
    if (closed) {
      return;
    }
    LeaderElector elector =
        new LeaderElector(
            client,
            new LeaderElectionConfigBuilder()
                .withName(lock.describe())
                .withLock(lock)
                .withLeaseDuration(LEASE)
                .withRenewDeadline(RENEW_DEADLINE)
                .withRetryPeriod(RETRY)
                .withReleaseOnCancel(true)
                .withLeaderCallbacks(new LeaderCallbacks(this::gain, this::lose, newLeader -> {}))
                .build(),
            executor);
    election = elector.start().whenComplete((nothing, failure) -> ended(failure));
  }

  /** Whether this replica holds the Lease. */
  public boolean leading() {
    return leading;
  }

  @Override
  public void close() {
    closed = true;
    election.cancel(true);
  }

  private void gain() {
    leading = true;
    LOGGER.info("This replica writes Events from now on");
    gained.run();
  }

  private void lose() {
    leading = false;
    LOGGER.info("Another replica writes Events from now on");
  }

  private void ended(@Nullable Throwable failure) {
    leading = false;
    if (!closed) {
      LOGGER.warn("The election ended, standing again: {}", String.valueOf(failure));
      var _ = executor.schedule(this::stand, RETRY.toMillis(), TimeUnit.MILLISECONDS);
    }
  }
}
