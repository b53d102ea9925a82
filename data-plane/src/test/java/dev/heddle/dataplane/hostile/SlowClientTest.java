package dev.heddle.dataplane.hostile;

import static dev.heddle.dataplane.http.harness.RawClient.lines;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.http.HttpLimits;
import dev.heddle.dataplane.http.harness.ProxyHarness;
import dev.heddle.dataplane.http.harness.RawClient;
import dev.heddle.dataplane.http.harness.RawServer;
import dev.heddle.dataplane.overload.Memory;
import dev.heddle.dataplane.telemetry.ResponseFlag;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Clients that take their time, or too much at a time: each is ended by a bound of its own, and
 * when the proxy is short of room before that.
 */
final class SlowClientTest {
  private Victim victim;

  @BeforeEach
  void start() throws Exception {
    victim = new Victim();
  }

  @AfterEach
  void close() throws Exception {
    victim.close();
  }

  private ProxyHarness.Settings proxy() {
    return ProxyHarness.settings()
        .protocol(Cluster.UpstreamProtocol.HTTP1)
        .cluster("app", 1, victim.address());
  }

  private static HttpLimits bodyRate(int bytesPerSecond, Duration window) {
    HttpLimits usual = HttpLimits.DEFAULT;
    return new HttpLimits(
        usual.maxRequestLineBytes(),
        usual.maxHeaderBytes(),
        usual.maxHeaders(),
        usual.maxInterimAnswers(),
        usual.maxPipelinedRequests(),
        usual.maxConcurrentStreams(),
        usual.maxReplayBytes(),
        usual.streamWindowBytes(),
        usual.connectionWindowBytes(),
        usual.maxIdleConnections(),
        usual.upstreamIdleTimeout(),
        usual.upstreamMaxLifetime(),
        usual.tunnelIdleTimeout(),
        bytesPerSecond,
        window,
        usual.controlFramesPerTenSeconds(),
        usual.freeResetsPerTenSeconds());
  }

  /** Slowloris: a line of the head now and then. */
  @Test
  void headersHaveToComeInTime() throws Exception {
    try (ProxyHarness proxy = proxy().headersTimeout(Duration.ofMillis(300)).start();
        RawClient client = new RawClient(proxy.listen(HttpProtocol.HTTP1))) {
      client.send("GET / HTTP/1.1\r\n");
      assertThat(drip(client, "X: y\r\n")).isPositive();
      assertThat(client.rest()).startsWith("HTTP/1.1 408 ").contains("heddle-error: RT ");
      assertThat(victim.requests()).isEmpty();
    }
  }

  /** Sends until the other side has closed; how often it could. */
  private static int drip(RawClient client, String drop) {
    int[] sent = {0};
    await()
        .pollInterval(Duration.ofMillis(50))
        .until(() -> {
          try {
            client.send(drop);
            sent[0]++;
            return client.in().available() > 0;
          } catch (SocketException e) {
            return true;
          }
        });
    return sent[0];
  }

  /** R-U-Dead-Yet: a byte of the body now and then. */
  @Test
  void bodiesOfAStatedLengthHaveToComeInTime() throws Exception {
    try (ProxyHarness proxy = proxy().limits(bodyRate(1000, Duration.ofMillis(500))).start();
        RawClient client = new RawClient(proxy.listen(HttpProtocol.HTTP1))) {
      client.send(lines("POST / HTTP/1.1", "Host: shop", "Content-Length: 100000"));
      assertThat(drip(client, "x")).isPositive();
      assertThat(client.rest()).startsWith("HTTP/1.1 408 ").contains("heddle-error: RT ");
      assertThat(victim.requests()).isEmpty();
      await().until(() -> proxy.load() == 0);
    }
  }

  @Test
  void bodiesOfAStatedLengthHaveToComeInTimeInHttp2() throws Exception {
    try (ProxyHarness proxy = proxy().limits(bodyRate(1000, Duration.ofMillis(500))).start();
        Http2Wire client = Http2Wire.client(socket(proxy.listen(HttpProtocol.HTTP2)))) {
      client.request(1, false, "POST", "/", "content-length", "100000");
      client.data(1, false, "x");
      assertThat(client.outcome(1).status()).isIn("408", "");
      await().until(() -> proxy.load() == 0);
      assertThat(proxy.reports().getFirst().flags()).isEqualTo(ResponseFlag.REQUEST_TIMEOUT);
    }
  }

  private static Socket socket(InetSocketAddress address) throws Exception {
    Socket socket = new Socket();
    socket.connect(address, 10_000);
    socket.setSoTimeout(10_000);
    return socket;
  }

  /** A conversation may pause; only when there is no room left it may not. */
  @Test
  void slowBodiesOfNoStatedLengthEndUnderPressure() throws Exception {
    try (ProxyHarness proxy = proxy().limits(bodyRate(1000, Duration.ofMillis(200))).start();
        RawClient client = new RawClient(proxy.listen(HttpProtocol.HTTP1))) {
      client.send(
          lines("POST / HTTP/1.1", "Host: shop", "Transfer-Encoding: chunked") + "1\r\nx\r\n");
      await().until(() -> victim.connections() == 1);
      await()
          .pollInterval(Duration.ofMillis(50))
          .until(() -> {
            proxy.putUnderPressure();
            return client.in().available() > 0;
          });
      assertThat(client.rest()).startsWith("HTTP/1.1 408 ");
    }
  }

  @Test
  void idleConnectionsMakeRoomUnderPressure() throws Exception {
    try (ProxyHarness proxy = proxy().start();
        RawClient silent = new RawClient(proxy.listen(HttpProtocol.HTTP1));
        RawClient used = new RawClient(proxy.listen(HttpProtocol.HTTP1));
        Http2Wire streams = Http2Wire.client(socket(proxy.listen(HttpProtocol.HTTP2)))) {
      used.send(lines("GET / HTTP/1.1", "Host: shop"));
      assertThat(used.response()).endsWith("ok");
      streams.get(1, "/");
      assertThat(streams.outcome(1).body()).isEqualTo("ok");
      await()
          .pollInterval(Duration.ofMillis(100))
          .until(() -> {
            proxy.putUnderPressure();
            return proxy.openDownstream() <= 1;
          });
      assertThat(silent.rest()).isEmpty();
      assertThat(used.rest()).isEmpty();
      assertThat(streams.goAway()).isEqualTo(-1);
      await().atMost(Duration.ofSeconds(20)).until(() -> proxy.openDownstream() == 0);
    }
  }

  /** More requests at once than are kept waiting (CVE-2026-93491). */
  @Test
  void pipeliningIsBounded() throws Exception {
    try (RawServer silent =
            new RawServer(
                connection -> connection.in().transferTo(OutputStream.nullOutputStream()));
        ProxyHarness proxy = ProxyHarness.settings().cluster("app", 1, silent.address()).start();
        RawClient client = new RawClient(proxy.listen(HttpProtocol.HTTP1))) {
      String many = lines("GET / HTTP/1.1", "Host: shop").repeat(1000);
      try {
        client.send(many);
        assertThat(client.rest()).doesNotContain(" 200 ");
      } catch (SocketException e) {
        assertThat(e).as("the proxy has closed").isNotNull();
      }
      await().until(() -> proxy.openDownstream() == 0 && proxy.load() == 0);
    }
  }

  /** A few are served in order. */
  @Test
  void pipeliningWorks() throws Exception {
    try (ProxyHarness proxy = proxy().start();
        RawClient client = new RawClient(proxy.listen(HttpProtocol.HTTP1))) {
      client.send(lines("GET / HTTP/1.1", "Host: shop").repeat(10));
      for (int i = 0; i < 10; i++) {
        assertThat(client.response()).endsWith("ok");
      }
    }
  }

  /** A client that does not read holds its own answer up, and a bounded part of it. */
  @Test
  void slowReadersHoldWhatTheyDoNotReadAtTheServer() throws Exception {
    AtomicLong written = new AtomicLong();
    int size = 64 << 20;
    try (RawServer large = RawServer.sending(size, written);
        ProxyHarness proxy =
            ProxyHarness.settings()
                .cluster("app", 1, large.address())
                .streamIdle(Duration.ofSeconds(1))
                .start();
        RawClient client = new RawClient(proxy.listen(HttpProtocol.HTTP1), 4096)) {
      client.send(lines("GET / HTTP/1.1", "Host: shop"));
      await().until(() -> proxy.openDownstream() == 0);
      assertThat(written.get()).isLessThan(32 << 20);
      assertThat(proxy.reports().getLast().flags()).isEqualTo(ResponseFlag.STREAM_IDLE_TIMEOUT);
    }
  }

  @Test
  void shortOfMemoryItAnswersThatItIs() throws Exception {
    Memory memory = new Memory();
    try (ProxyHarness proxy = proxy().memory(memory.guard()).start()) {
      InetSocketAddress http1 = proxy.listen(HttpProtocol.HTTP1);
      InetSocketAddress http2 = proxy.listen(HttpProtocol.HTTP2);
      memory.used(900, 0);
      try (RawClient client = new RawClient(http1)) {
        client.send(lines("POST / HTTP/1.1", "Host: shop", "Content-Length: 3") + "abc");
        assertThat(client.rest())
            .startsWith("HTTP/1.1 503 ")
            .contains("heddle-error: OM ")
            .contains("connection: close");
      }
      try (Http2Wire client = Http2Wire.client(socket(http2))) {
        client.get(1, "/");
        assertThat(client.outcome(1).status()).isEqualTo("503");
        memory.used(100, 0);
        client.get(3, "/");
        assertThat(client.outcome(3).status()).isEqualTo("200");
      }
      assertThat(proxy.reports().getFirst().flags()).isEqualTo(ResponseFlag.OVERLOAD);
      assertThat(victim.requests()).hasSize(1);
    }
  }
}
