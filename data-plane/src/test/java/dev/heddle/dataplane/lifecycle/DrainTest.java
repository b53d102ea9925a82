package dev.heddle.dataplane.lifecycle;

import static dev.heddle.dataplane.loopback.Configurations.cluster;
import static dev.heddle.dataplane.loopback.Configurations.configuration;
import static dev.heddle.dataplane.loopback.Configurations.detecting;
import static dev.heddle.dataplane.loopback.Configurations.endpoint;
import static dev.heddle.dataplane.loopback.Configurations.tcp;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.heddle.dataplane.loopback.LoopbackProxy;
import dev.heddle.dataplane.loopback.TestServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class DrainTest {
  private final TestServer app = TestServer.echo();
  private final LoopbackProxy proxy = LoopbackProxy.start();
  private final AtomicBoolean ready = new AtomicBoolean(true);

  @BeforeEach
  void serve() {
    proxy.serve(
        configuration(
            List.of(detecting("listener", tcp("app"))),
            Map.of(cluster("app", null), List.of(endpoint(app.port())))));
  }

  @AfterEach
  void end() throws IOException {
    proxy.close();
    app.close();
  }

  @Test
  void withNothingOpenItIsOverAtOnce() throws Exception {
    long begun = System.nanoTime();
    drain(Duration.ZERO, Duration.ofSeconds(30)).run();
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(2));
    assertThat(ready).isFalse();
  }

  @Test
  void bytesGoOnUntilTheyEnd() throws Exception {
    try (Socket client = connect()) {
      echo(client, "before");
      InetSocketAddress address = proxy.address("listener");
      CompletableFuture<Void> drained = drainInBackground(Duration.ofSeconds(30));
      await().until(() -> refuses(address));
      echo(client, "during");
      assertThat(drained).isNotDone();
      client.shutdownOutput();
      assertThat(client.getInputStream().read()).isEqualTo(-1);
      drained.get(5, TimeUnit.SECONDS);
    }
  }

  @Test
  void httpIsToldToFinish() throws Exception {
    try (Socket client = connect()) {
      client.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(UTF_8));
      assertThat(client.getInputStream().readNBytes(29)).hasSize(29);
      drainInBackground(Duration.ofSeconds(30)).get(5, TimeUnit.SECONDS);
      assertThat(client.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void whatDoesNotEndIsClosedAtTheTimeout() throws Exception {
    try (Socket client = connect()) {
      echo(client, "before");
      drainInBackground(Duration.ofMillis(300)).get(10, TimeUnit.SECONDS);
      assertThat(client.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void duringTheSettleTimeConnectionsAreTakenAndTold() throws Exception {
    CompletableFuture<Void> drained = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            drain(Duration.ofSeconds(3), Duration.ofSeconds(30)).run();
            drained.complete(null);
          } catch (InterruptedException e) {
            drained.completeExceptionally(e);
          }
        });
    await().untilFalse(ready);
    await().until(() -> proxy.connections().draining());
    try (Socket client = connect()) {
      client.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(UTF_8));
      // The test's HTTP closes when it is told, answered or not.
      assertThat(client.getInputStream().readAllBytes().length).isIn(0, 29);
    }
    drained.get(10, TimeUnit.SECONDS);
  }

  private Drain drain(Duration settle, Duration timeout) {
    return new Drain(
        () -> ready.set(false),
        proxy.listeners()::stopAccepting,
        proxy.connections(),
        settle,
        timeout);
  }

  private CompletableFuture<Void> drainInBackground(Duration timeout) {
    CompletableFuture<Void> drained = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            drain(Duration.ZERO, timeout).run();
            drained.complete(null);
          } catch (InterruptedException e) {
            drained.completeExceptionally(e);
          }
        });
    return drained;
  }

  private static boolean refuses(InetSocketAddress address) {
    try (Socket socket = new Socket()) {
      socket.connect(address, 2000);
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  private static void echo(Socket client, String text) throws IOException {
    client.getOutputStream().write(text.getBytes(UTF_8));
    assertThat(client.getInputStream().readNBytes(text.length())).asString(UTF_8).isEqualTo(text);
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket();
    socket.connect(proxy.address("listener"), 2000);
    socket.setSoTimeout(10_000);
    return socket;
  }
}
