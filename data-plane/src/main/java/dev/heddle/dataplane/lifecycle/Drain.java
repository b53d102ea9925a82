package dev.heddle.dataplane.lifecycle;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends serving without cutting what is under way. The order, and why:
 *
 * <ol>
 *   <li>readiness turns false, so that nobody is sent here any more;
 *   <li>every connection is told ({@link DrainNotice}): HTTP answers what it has and closes, bytes
 *       flow on. New connections are told as soon as they are accepted, so that each carries one
 *       more answer at most;
 *   <li>listeners go on accepting for the settle time, while the news of step 1 travels. A
 *       sidecar's is zero: the kubelet ends a native sidecar after the app, so that there is nobody
 *       to deliver to, and a refused connection is what lets the client's proxy try another
 *       endpoint at once;
 *   <li>listening sockets close;
 *   <li>connections may finish until the drain timeout, counted from step 1. When none is left
 *       before, the drain is over at once: a Job's pod does not wait;
 *   <li>what is left is closed.
 * </ol>
 */
public final class Drain {
  private static final Logger LOGGER = LoggerFactory.getLogger(Drain.class);

  private final Runnable notReady;
  private final Runnable stopAccepting;
  private final OpenConnections connections;
  private final Duration settle;
  private final Duration timeout;
  private final AtomicBoolean begun = new AtomicBoolean();

  /**
   * @param notReady turns readiness false
   * @param stopAccepting closes the listening sockets
   * @param settle how long to accept connections after readiness turned false
   * @param timeout bound on the whole drain
   */
  public Drain(
      Runnable notReady,
      Runnable stopAccepting,
      OpenConnections connections,
      Duration settle,
      Duration timeout) {
    this.notReady = notReady;
    this.stopAccepting = stopAccepting;
    this.connections = connections;
    this.settle = settle.compareTo(timeout) < 0 ? settle : timeout;
    this.timeout = timeout;
  }

  /** Drains; returns when done. Called again, it does nothing. */
  public void run() throws InterruptedException {
    if (!begun.compareAndSet(false, true)) {
      return;
    }
    long deadline = System.nanoTime() + timeout.toNanos();
    LOGGER.atInfo().addKeyValue("connections", connections.count()).log("draining");
    notReady.run();
    CompletableFuture<Void> drained = connections.drain();
    if (settle.isPositive()) {
      TimeUnit.NANOSECONDS.sleep(settle.toNanos());
    }
    stopAccepting.run();
    if (!await(drained, deadline - System.nanoTime())) {
      int cut = connections.closeAll();
      LOGGER
          .atWarn()
          .addKeyValue("connections", cut)
          .addKeyValue("timeoutSeconds", timeout.toSeconds())
          .log("drain timeout: closed what was left");
      return;
    }
    LOGGER.info("drained: no connection is left");
  }

  private boolean await(CompletableFuture<Void> drained, long nanos) throws InterruptedException {
    try {
      drained.get(Math.max(0, nanos), TimeUnit.NANOSECONDS);
      // A connection accepted during the settle time may have come after the last one went.
      return connections.count() == 0;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException("waiting for connections failed", e);
    }
  }
}
