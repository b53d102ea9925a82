package dev.heddle.dataplane;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Clients that call one after the other, each request with an id of its own: GET, which may be
 * repeated, and POST, which may not, with and without a body that is too large to be kept for a
 * repetition.
 */
final class CallLoad implements AutoCloseable {
  /** What no call may take; the proxy's own bounds are well below it. */
  static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final int CLIENTS = 16;
  private static final byte[] SMALL = new byte[100];
  private static final byte[] LARGE = new byte[100_000];

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final URI target;
  private final String prefix;
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicInteger successive = new AtomicInteger();
  private final Queue<Call> calls = new ConcurrentLinkedQueue<>();
  private final CountDownLatch ended = new CountDownLatch(CLIENTS);
  private volatile boolean stopping;

  /**
   * One request.
   *
   * @param status 0 when there was no answer
   * @param detail what the proxy says of an answer of its own
   */
  record Call(String id, boolean idempotent, int status, String detail, Duration took) {
    /** Whether the answer had begun and ended too early, which only that can tell. */
    boolean cut() {
      return status == 0 && detail.contains("bytes received");
    }
  }

  /** All that were made. */
  record Outcome(List<Call> calls) {
    @Override
    public String toString() {
      Map<String, Integer> counts = new TreeMap<>();
      calls.forEach(
          call -> counts.merge(call.status() == 200 ? "200" : call.detail(), 1, Integer::sum));
      Duration longest =
          calls.stream().map(Call::took).max(Duration::compareTo).orElse(Duration.ZERO);
      return counts + ", longest " + longest.toMillis() + " ms";
    }
  }

  /**
   * Starts to call.
   *
   * @param prefix of the ids
   */
  CallLoad(InetSocketAddress address, String prefix) {
    this.target = URI.create("http://127.0.0.1:" + address.getPort() + "/");
    this.prefix = prefix;
    for (int i = 0; i < CLIENTS; i++) {
      Thread.ofVirtual().start(this::callOn);
    }
  }

  private void callOn() {
    try {
      while (!stopping) {
        Call call = call(next.incrementAndGet());
        calls.add(call);
        if (call.status() == 200) {
          successive.incrementAndGet();
        } else {
          successive.set(0);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      ended.countDown();
    }
  }

  private Call call(int number) throws InterruptedException {
    String id = prefix + "-" + number;
    HttpRequest.Builder request =
        HttpRequest.newBuilder(target).header(CountingApp.ID, id).timeout(PATIENCE);
    boolean idempotent = number % 2 == 0;
    if (!idempotent) {
      request.POST(HttpRequest.BodyPublishers.ofByteArray(number % 8 == 1 ? LARGE : SMALL));
    }
    long start = System.nanoTime();
    int status;
    String detail;
    try {
      HttpResponse<String> response =
          http.send(request.build(), HttpResponse.BodyHandlers.ofString());
      status = response.statusCode();
      detail = status + " " + response.headers().firstValue("heddle-error").orElse("");
    } catch (IOException e) {
      status = 0;
      detail = e.toString();
    }
    return new Call(id, idempotent, status, detail, Duration.ofNanos(System.nanoTime() - start));
  }

  /** Returns when so many calls in a row have succeeded; fails when they do not in time. */
  void untilSuccessive(int count, Duration bound) throws InterruptedException {
    successive.set(0);
    long deadline = System.nanoTime() + bound.toNanos();
    while (successive.get() < count) {
      if (System.nanoTime() > deadline) {
        List<Call> made = new ArrayList<>(calls);
        throw new AssertionError(
            "not well within "
                + bound
                + "; the last calls: "
                + made.subList(Math.max(0, made.size() - 20), made.size()));
      }
      TimeUnit.MILLISECONDS.sleep(10);
    }
  }

  /** Calls on for a while, which is how long something else lasts. */
  void keepOn(Duration time) throws InterruptedException {
    TimeUnit.MILLISECONDS.sleep(time.toMillis());
  }

  /** Ends when the calls under way have ended. */
  Outcome stop() throws InterruptedException {
    stopping = true;
    if (!ended.await(2 * PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      throw new AssertionError("calls that do not end: " + ended.getCount());
    }
    return new Outcome(List.copyOf(calls));
  }

  @Override
  public void close() {
    stopping = true;
    http.shutdownNow();
  }
}
