package dev.heddle.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.heddle.dataplane.xds.ResourceType;
import dev.heddle.meshapi.identity.WorkloadCertificate;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Requests at a constant rate through two proxies, while ten times a second the endpoints, the
 * routes and the certificates of both are replaced. No request fails, and neither memory nor
 * descriptors grow. Lasts {@code -Dheddle.churn.seconds} (10; {@code make test} takes 120).
 */
final class ChurnTest {
  private static final Duration DURATION =
      Duration.ofSeconds(Integer.getInteger("heddle.churn.seconds", 10));
  private static final int REQUESTS_PER_SECOND = 500;
  private static final int CHANGES_PER_SECOND = 10;
  private static final int ENDPOINTS = 4;

  /** Requests under way at most: the rate is not kept by piling them up. */
  private static final int CONCURRENCY = 128;

  /** Issuing is the test's work, not the proxies'; they cannot tell a certificate they had. */
  private static final int CERTIFICATES = 20;

  /** What may be left of warm-up: less than a kilobyte for each of a thousand changes. */
  private static final long HEAP_GROWTH_BYTES = 8L << 20;

  /**
   * As many as requests under way at once can take, three connections with both their ends each: a
   * busy machine has more of them than it had in the beginning. A change that left one descriptor
   * behind would leave more than that in two minutes.
   */
  private static final long DESCRIPTOR_GROWTH = 6 * CONCURRENCY;

  private static final String CLIENT_LISTENER = "outbound/shop/web";

  private final AtomicInteger sent = new AtomicInteger();
  private final Queue<String> failures = new ConcurrentLinkedQueue<>();

  @Test
  @Timeout(600)
  void losesNothingAndKeepsNothing() throws Exception {
    try (TestAuthority authority = TestAuthority.start();
        CountingApp app = new CountingApp(Duration.ZERO);
        MeshProxy server = new MeshProxy("web", authority.issue(MeshProxy.id("web")));
        MeshProxy client = new MeshProxy("client", authority.issue(MeshProxy.id("client")));
        HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      List<InetSocketAddress> endpoints = serve(server, app);
      Churn churn = new Churn(authority, server, client, endpoints);
      churn.begin();
      URI target =
          URI.create("http://127.0.0.1:" + client.address(CLIENT_LISTENER).getPort() + "/");

      // Given what there is once everything has been used
      run(http, target, churn, Duration.ofSeconds(Math.max(3, DURATION.toSeconds() / 6)));
      long heap = liveHeap();
      long descriptors = descriptors();

      // When
      run(http, target, churn, DURATION);

      // Then
      assertThat(failures).isEmpty();
      assertThat(descriptors() - descriptors).as("descriptors").isLessThan(DESCRIPTOR_GROWTH);
      assertThat(liveHeap() - heap).as("bytes of live heap").isLessThan(HEAP_GROWTH_BYTES);
    }
  }

  private static List<InetSocketAddress> serve(MeshProxy server, CountingApp app) throws Exception {
    List<InetSocketAddress> endpoints = new ArrayList<>();
    for (int i = 0; i < ENDPOINTS; i++) {
      String name = "inbound/shop/web-" + i;
      server
          .controlPlane()
          .send(
              ResourceType.LISTENER,
              name,
              "1",
              MeshResources.serverListener(name, "{cluster: app}"));
      if (i == 0) {
        server
            .controlPlane()
            .send(ResourceType.CLUSTER, "app", "1", MeshResources.appCluster("app", app.port()));
      }
      endpoints.add(server.address(name));
    }
    return endpoints;
  }

  private void run(HttpClient http, URI target, Churn churn, Duration duration) throws Exception {
    Semaphore free = new Semaphore(CONCURRENCY);
    try (ScheduledExecutorService ticks = Executors.newScheduledThreadPool(2)) {
      var changing =
          ticks.scheduleAtFixedRate(
              churn, 0, 1_000_000 / CHANGES_PER_SECOND, TimeUnit.MICROSECONDS);
      var calling =
          ticks.scheduleAtFixedRate(
              () -> call(http, target, free),
              0,
              1_000_000 / REQUESTS_PER_SECOND,
              TimeUnit.MICROSECONDS);
      TimeUnit.MILLISECONDS.sleep(duration.toMillis());
      assertThat(changing.isDone()).as("changes ended early").isFalse();
      changing.cancel(false);
      calling.cancel(false);
      assertThat(free.tryAcquire(CONCURRENCY, 20, TimeUnit.SECONDS)).as("all answered").isTrue();
    }
  }

  private void call(HttpClient http, URI target, Semaphore free) {
    if (!free.tryAcquire()) {
      // The machine is too slow for the rate, or the proxy stands still, which the end tells.
      return;
    }
    int number = sent.incrementAndGet();
    HttpRequest request =
        HttpRequest.newBuilder(target)
            .header(CountingApp.ID, "churn")
            .timeout(Duration.ofSeconds(15))
            .method(
                number % 2 == 0 ? "GET" : "POST",
                number % 2 == 0
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString("body"))
            .build();
    http.sendAsync(request, HttpResponse.BodyHandlers.ofString())
        .whenComplete((response, failure) -> {
          free.release();
          if (failure != null) {
            failures.add(number + ": " + failure);
          } else if (response.statusCode() != 200) {
            failures.add(number + ": " + response.statusCode() + " " + response.headers().map());
          }
        });
  }

  private static long descriptors() {
    return ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getOpenFileDescriptorCount();
  }

  private static long liveHeap() {
    // Twice: what cleaners free in the first is gone in the second.
    System.gc();
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  /** One change of everything. */
  private static final class Churn implements Runnable {
    private final MeshProxy server;
    private final MeshProxy client;
    private final List<InetSocketAddress> endpoints;
    private final List<WorkloadCertificate> ofServer = new ArrayList<>();
    private final List<WorkloadCertificate> ofClient = new ArrayList<>();
    private int version;

    private Churn(
        TestAuthority authority,
        MeshProxy server,
        MeshProxy client,
        List<InetSocketAddress> endpoints)
        throws Exception {
      this.server = server;
      this.client = client;
      this.endpoints = endpoints;
      for (int i = 0; i < CERTIFICATES; i++) {
        ofServer.add(authority.issue(MeshProxy.id("web")));
        ofClient.add(authority.issue(MeshProxy.id("client")));
      }
    }

    private void begin() throws Exception {
      client
          .controlPlane()
          .send(
              ResourceType.LISTENER,
              CLIENT_LISTENER,
              "1",
              MeshResources.clientListener(CLIENT_LISTENER, "web"));
      change();
      client
          .controlPlane()
          .send(
              ResourceType.CLUSTER,
              "web",
              "1",
              MeshResources.meshCluster("web", "web", MeshResources.Protocol.HTTP1));
      client
          .controlPlane()
          .send(
              ResourceType.CLUSTER,
              "canary",
              "1",
              MeshResources.meshCluster("canary", "web", MeshResources.Protocol.HTTP2));
      change();
    }

    @Override
    public void run() {
      try {
        change();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    /** Another share for the canary, one endpoint less and another one more, new certificates. */
    private void change() throws IOException, InterruptedException {
      int now = ++version;
      String text = Integer.toString(now);
      server.identity(ofServer.get(now % CERTIFICATES));
      client.identity(ofClient.get(now % CERTIFICATES));
      int canary = 10 * (now % 10);
      client
          .controlPlane()
          .send(
              ResourceType.ROUTES,
              "web",
              text,
              MeshResources.routes(
                  "web",
                  "[{match: {prefix: /"
                      + text
                      + "}, direct_response: {status: 418}}, {match: {prefix: /}, route:"
                      + " {weighted_clusters: {clusters: [{name: web, weight: "
                      + (100 - canary)
                      + "}, {name: canary, weight: "
                      + canary
                      + "}]}, retry_policy: {retry_on: 'connect-failure,refused-stream',"
                      + " num_retries: 5}}}]"));
      for (String cluster : List.of("web", "canary")) {
        client
            .controlPlane()
            .send(
                ResourceType.ENDPOINTS,
                cluster,
                text,
                MeshResources.endpoints(
                    cluster,
                    "web",
                    List.of(endpoints.get(now % ENDPOINTS), endpoints.get((now + 1) % ENDPOINTS))));
      }
    }
  }
}
