package dev.heddle.dataplane.http;

import static dev.heddle.dataplane.http.harness.RawClient.lines;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.http.harness.ProxyHarness;
import dev.heddle.dataplane.http.harness.RawClient;
import dev.heddle.dataplane.http.harness.RawServer;
import dev.heddle.dataplane.telemetry.ResponseFlag;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class TimeoutAndDrainTest {
  private static final String GET = lines("GET / HTTP/1.1", "Host: shop");

  private static RawServer silent() throws Exception {
    return new RawServer(
        connection -> connection.in().transferTo(java.io.OutputStream.nullOutputStream()));
  }

  @Test
  void boundsTheWholeRequest() throws Exception {
    try (RawServer server = silent();
        ProxyHarness proxy =
            ProxyHarness.settings()
                .routeTimeout(Duration.ofMillis(200))
                .cluster("a", 1, server.address())
                .start();
        RawClient client = new RawClient(proxy.listen(HttpProtocol.HTTP1))) {
      for (int i = 0; i < 2; i++) {
        assertThat(client.send(GET).response())
            .startsWith("HTTP/1.1 504 ")
            .contains("heddle-error: UT ");
      }
      assertThat(proxy.reports().getFirst().flags()).isEqualTo(ResponseFlag.UPSTREAM_TIMEOUT);
      assertThat(proxy.load()).isZero();
    }
  }

  @Test
  void endsAStreamWithoutProgress() throws Exception {
    try (RawServer server = silent();
        ProxyHarness proxy =
            ProxyHarness.settings()
                .streamIdle(Duration.ofMillis(200))
                .cluster("a", 1, server.address())
                .start();
        RawClient client = new RawClient(proxy.listen(HttpProtocol.HTTP1))) {
      assertThat(client.send(GET).response())
          .startsWith("HTTP/1.1 504 ")
          .contains("heddle-error: SI ");
      client.send(lines("POST / HTTP/1.1", "Host: shop", "Content-Length: 9"));
      assertThat(client.rest()).startsWith("HTTP/1.1 408 ").contains("heddle-error: SI ");
    }
  }

  @Test
  void boundsTheTimeForHeaders() throws Exception {
    try (RawServer server = silent();
        ProxyHarness proxy =
            ProxyHarness.settings()
                .headersTimeout(Duration.ofMillis(200))
                .cluster("a", 1, server.address())
                .start();
        RawClient client = new RawClient(proxy.listen(HttpProtocol.HTTP1))) {
      client.send("GET / HTTP/1.1\r\nHost: s");
      assertThat(client.rest()).startsWith("HTTP/1.1 408 ").contains("heddle-error: RT ");
    }
  }

  @Test
  void closesAnIdleConnection() throws Exception {
    try (RawServer server = RawServer.answering("ok");
        ProxyHarness proxy =
            ProxyHarness.settings()
                .idle(Duration.ofMillis(200))
                .cluster("a", 1, server.address())
                .start();
        RawClient client = new RawClient(proxy.listen(HttpProtocol.HTTP1))) {
      assertThat(client.send(GET).response()).endsWith("ok");
      assertThat(client.rest()).isEmpty();
    }
  }

  @Test
  void finishesWhatItHasWhenDraining() throws Exception {
    CountDownLatch received = new CountDownLatch(1);
    CountDownLatch answer = new CountDownLatch(1);
    try (RawServer server =
            new RawServer(connection -> {
              connection.readRequest();
              received.countDown();
              try {
                answer.await(10, TimeUnit.SECONDS);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              connection.send(lines("HTTP/1.1 200 OK", "Content-Length: 2") + "ok");
            });
        ProxyHarness proxy = ProxyHarness.settings().cluster("a", 1, server.address()).start();
        RawClient client = new RawClient(proxy.listen(HttpProtocol.HTTP1))) {
      client.send(GET);
      assertThat(received.await(10, TimeUnit.SECONDS)).isTrue();
      proxy.drain();
      answer.countDown();
      assertThat(client.rest()).contains("connection: close").endsWith("ok");
      await().until(() -> proxy.openDownstream() == 0);
    }
  }

  @Test
  void announcesADrainOnTheNextAnswerAndClosesIdleConnectionsLate() throws Exception {
    try (RawServer server = RawServer.answering("ok");
        ProxyHarness proxy = ProxyHarness.settings().cluster("a", 1, server.address()).start()) {
      var address = proxy.listen(HttpProtocol.HTTP1);
      try (RawClient used = new RawClient(address);
          RawClient idle = new RawClient(address)) {
        used.send(GET).response();
        idle.send(GET).response();
        proxy.drain();
        assertThat(used.send(GET).rest()).contains("connection: close").endsWith("ok");
        long before = System.nanoTime();
        assertThat(idle.rest()).isEmpty();
        assertThat(Duration.ofNanos(System.nanoTime() - before))
            .isGreaterThan(Duration.ofSeconds(3));
      }
    }
  }

  @Test
  void endsTheAttemptWhenTheClientLeaves() throws Exception {
    try (RawServer server = silent();
        ProxyHarness proxy = ProxyHarness.settings().cluster("a", 1, server.address()).start()) {
      try (RawClient client = new RawClient(proxy.listen(HttpProtocol.HTTP1))) {
        client.send(GET);
        await().until(() -> server.connections() == 1);
      }
      await().until(() -> proxy.reports().size() == 1);
      assertThat(proxy.reports().getFirst().flags()).isEqualTo(ResponseFlag.DOWNSTREAM_TERMINATION);
      assertThat(proxy.load()).isZero();
    }
  }
}
