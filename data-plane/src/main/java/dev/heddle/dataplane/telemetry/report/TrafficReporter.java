package dev.heddle.dataplane.telemetry.report;

import dev.heddle.dataplane.telemetry.TrafficObserver;
import dev.heddle.meshapi.telemetry.v1.EdgeReport;
import dev.heddle.meshapi.telemetry.v1.ReportTrafficRequest;
import dev.heddle.meshapi.telemetry.v1.ReportTrafficResponse;
import dev.heddle.meshapi.telemetry.v1.TelemetryGrpc;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports the traffic of this proxy to the control plane, one report at a time. What could not be
 * delivered is kept for {@value #MAX_UNSENT} intervals and sent in order when the control plane is
 * back; what is older is given up and counted. All state but the edges is touched on one thread.
 */
public final class TrafficReporter implements AutoCloseable {

  /**
   * Six reports in the window of 30 seconds that is shown unless somebody asks for another: a
   * figure is at most a sixth of it old, for 200 small messages a second from a thousand busy
   * proxies.
   */
  public static final Duration INTERVAL = Duration.ofSeconds(5);

  private static final Logger LOGGER = LoggerFactory.getLogger(TrafficReporter.class);

  /** Reports: a minute's. */
  static final int MAX_UNSENT = 12;

  private static final Duration DEADLINE = Duration.ofSeconds(4);
  private static final Duration LAST_REPORT = Duration.ofSeconds(1);
  private static final Duration LOG_INTERVAL = Duration.ofMinutes(5);

  /** A report that has yet to be acknowledged. */
  private record Unsent(ReportTrafficRequest report, long endNanos, long requests) {}

  private final String pod;
  private final Supplier<@Nullable Channel> channel;
  private final long process;
  private final EdgeTable edges = new EdgeTable();
  private final ScheduledThreadPoolExecutor executor;
  private final Deque<Unsent> unsent = new ArrayDeque<>();
  private long sequence;
  private boolean inFlight;
  private long nextLogNanos = System.nanoTime();
  private final AtomicLong reports = new AtomicLong();
  private final AtomicLong lostRequests = new AtomicLong();

  /** Is completed when nothing is on its way, once somebody waits for that. */
  private @Nullable CompletableFuture<Boolean> closing;

  private TrafficReporter(String pod, Supplier<@Nullable Channel> channel, RandomGenerator random) {
    this.pod = pod;
    this.channel = channel;
    this.process = random.nextLong();
    this.executor =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().name("telemetry").daemon().factory());
    executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  /**
   * Reports from now on. Proxies that start together do not report together.
   *
   * @param pod the name of this proxy's pod
   * @param channel to the control plane; null while there is none
   */
  public static TrafficReporter start(
      String pod, Supplier<@Nullable Channel> channel, Duration interval, RandomGenerator random) {
    TrafficReporter reporter = new TrafficReporter(pod, channel, random);
    long nanos = interval.toNanos();
    reporter.executor.scheduleAtFixedRate(
        reporter::tick, nanos / 2 + random.nextLong(nanos / 2 + 1), nanos, TimeUnit.NANOSECONDS);
    return reporter;
  }

  /** Is to be told of all traffic. */
  public TrafficObserver observer() {
    return new EdgeObserver(edges);
  }

  /** Edges that are kept. */
  public long edges() {
    return edges.size();
  }

  /** Reports that the control plane has acknowledged. */
  public long reports() {
    return reports.get();
  }

  /** Requests that the control plane will never hear of. */
  public long lostRequests() {
    return lostRequests.get();
  }

  /** Whether there is more traffic between different peers than is told apart. */
  public boolean full() {
    return edges.full();
  }

  /** Tries once to report what there is, for a second at most, and ends. */
  @Override
  public void close() {
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    executor.execute(() -> {
      closing = done;
      tick();
      settle();
    });
    try {
      done.get(LAST_REPORT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      LOGGER.info("The last traffic report was not acknowledged within {}", LAST_REPORT);
    }
    executor.shutdownNow();
  }

  private void tick() {
    try {
      collect();
      sendNext();
    } catch (RuntimeException e) {
      // An exception would end the schedule.
      LOGGER.error("Traffic could not be reported", e);
    }
  }

  private void collect() {
    List<EdgeReport> taken = edges.take();
    if (taken.isEmpty()) {
      return;
    }
    sequence++;
    long requests =
        taken.stream()
            .mapToLong(edge -> edge.getCounts().getSuccesses() + edge.getCounts().getFailures())
            .sum();
    unsent.addLast(
        new Unsent(
            ReportTrafficRequest.newBuilder()
                .setPod(pod)
                .setProcess(process)
                .setSequence(sequence)
                .addAllEdges(taken)
                .build(),
            System.nanoTime(),
            requests));
    if (unsent.size() > MAX_UNSENT) {
      Unsent sending = inFlight ? unsent.removeFirst() : null;
      giveUp("the control plane has been away for too long");
      if (sending != null) {
        unsent.addFirst(sending);
      }
    }
  }

  private void sendNext() {
    Unsent next = unsent.peekFirst();
    Channel now = channel.get();
    if (inFlight || next == null || now == null) {
      return;
    }
    inFlight = true;
    long age = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - next.endNanos());
    TelemetryGrpc.newStub(now)
        .withExecutor(executor)
        .withDeadlineAfter(DEADLINE.toMillis(), TimeUnit.MILLISECONDS)
        .reportTraffic(
            next.report().toBuilder()
                .setEndedMillisAgo((int) Math.min(age, Integer.MAX_VALUE))
                .build(),
            new Answer());
  }

  private void acknowledged() {
    inFlight = false;
    reports.getAndIncrement();
    unsent.removeFirst();
    sendNext();
    settle();
  }

  private void failed(Throwable failure) {
    inFlight = false;
    Status status = Status.fromThrowable(failure);
    switch (status.getCode()) {
      case PERMISSION_DENIED, INVALID_ARGUMENT, UNIMPLEMENTED -> giveUp(status.toString());
      default -> LOGGER.debug("A traffic report is sent again later: {}", status);
    }
    settle();
  }

  private void settle() {
    if (closing != null && !inFlight) {
      closing.complete(true);
    }
  }

  private void giveUp(String reason) {
    long lost = unsent.removeFirst().requests();
    long all = lostRequests.addAndGet(lost);
    long now = System.nanoTime();
    if (now - nextLogNanos >= 0) {
      nextLogNanos = now + LOG_INTERVAL.toNanos();
      LOGGER.warn(
          "The control plane will not hear of {} requests, {} in all so far: {}",
          lost,
          all,
          reason);
    }
  }

  private final class Answer implements StreamObserver<ReportTrafficResponse> {

    @Override
    public void onNext(ReportTrafficResponse response) {}

    @Override
    public void onError(Throwable failure) {
      failed(failure);
    }

    @Override
    public void onCompleted() {
      acknowledged();
    }
  }
}
