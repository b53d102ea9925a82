package dev.heddle.ca.kubernetes;

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
  private final LeaderElectionConfig configuration;
  private final ScheduledExecutorService executor;
  private volatile boolean leading;
  private volatile boolean closed;
  private volatile CompletableFuture<?> election = CompletableFuture.completedFuture(null);

  private Leadership(
      KubernetesClient client,
      String namespace,
      String lease,
      String holder,
      Runnable elected,
      ScheduledExecutorService executor) {
    this.client = client;
    this.executor = executor;
    this.configuration =
        new LeaderElectionConfigBuilder()
            .withName(lease)
            .withLock(new LeaseLock(namespace, lease, holder))
            .withLeaseDuration(LEASE)
            .withRenewDeadline(RENEW_DEADLINE)
            .withRetryPeriod(RETRY)
            .withReleaseOnCancel(true)
            .withLeaderCallbacks(
                new LeaderCallbacks(
                    () -> {
                      leading = true;
                      LOGGER.info("This replica holds Lease {}", lease);
                      elected.run();
                    },
                    () -> {
                      leading = false;
                      LOGGER.info("This replica does not hold Lease {} any more", lease);
                    },
                    leader -> LOGGER.info("Lease {} is held by {}", lease, leader)))
            .build();
  }

  /**
   * Begins to seek the Lease.
   *
   * @param holder the name of this replica
   * @param elected called when it is obtained; must not block
   */
  public static Leadership seek(
      KubernetesClient client,
      String namespace,
      String lease,
      String holder,
      Runnable elected,
      ScheduledExecutorService executor) {
    Leadership leadership = new Leadership(client, namespace, lease, holder, elected, executor);
    leadership.begin();
    return leadership;
  }

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

  private void begin() {
    if (closed) {
      return;
    }
    CompletableFuture<?> next = client.leaderElector().withConfig(configuration).build().start();
    election = next;
    CompletableFuture<?> _ =
        next.whenComplete((_, e) -> {
          leading = false;
          if (!closed) {
            LOGGER.warn(
                "The election of Lease {} ended and begins again", configuration.getName(), e);
            ScheduledFuture<?> _ =
                executor.schedule(this::begin, RETRY.toSeconds(), TimeUnit.SECONDS);
          }
        });
  }
}
