package dev.heddle.dataplane.http;

import static dev.heddle.dataplane.http.harness.RawClient.lines;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.http.harness.Http2Peer;
import dev.heddle.dataplane.http.harness.ProxyHarness;
import dev.heddle.dataplane.http.harness.RawClient;
import dev.heddle.dataplane.http.harness.RawServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * A client's proxy, and servers with proxies of their own that are replaced one after the other
 * under load. A server that stops closes its listener and its idle connections at once, requests on
 * the way or not; its endpoint disappears only later.
 */
final class RollingRestartTest {
  private static final int ROUNDS = 4;

  /** An application with its proxy. */
  private static final class Pod implements AutoCloseable {
    private final Set<RawServer.Connection> idle = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final RawServer app;
    private final ProxyHarness proxy;
    private final InetSocketAddress address;

    private Pod(HttpProtocol protocol) throws Exception {
      app = new RawServer(this::serve);
      proxy =
          ProxyHarness.settings()
              .inboundMesh()
              .retries(0)
              .protocol(Cluster.UpstreamProtocol.HTTP1)
              .cluster("app", 1, app.address())
              .start();
      address = proxy.listen(protocol);
    }

    private void serve(RawServer.Connection connection) throws IOException {
      while (!stopping.get()) {
        idle.add(connection);
        if (!connection.readRequest()) {
          return;
        }
        idle.remove(connection);
        connection.send(lines("HTTP/1.1 200 OK", "Content-Length: 2") + "ok");
      }
    }

    private void stopApp() throws IOException {
      stopping.set(true);
      app.stopListening();
      for (RawServer.Connection connection : idle) {
        connection.reset();
      }
    }

    @Override
    public void close() throws IOException {
      proxy.close();
      app.close();
    }
  }

  @Test
  void losesNoRequestOverHttp1() throws Exception {
    replaceUnderLoad(
        HttpProtocol.HTTP1,
        (address, stop, failures, done) -> {
          try (RawClient client = new RawClient(address)) {
            while (!stop.get()) {
              String response = client.send(lines("GET / HTTP/1.1", "Host: shop")).response();
              if (!response.startsWith("HTTP/1.1 200 ")) {
                failures.add(response);
              }
              done.incrementAndGet();
            }
          }
        });
  }

  @Test
  void losesNoRequestOverHttp2() throws Exception {
    try (Http2Peer peer = new Http2Peer()) {
      replaceUnderLoad(
          HttpProtocol.HTTP2,
          (address, stop, failures, done) -> {
            Http2Peer.Client client = peer.connect(address);
            while (!stop.get()) {
              Http2Peer.Exchange exchange = client.send(client.get("/"), true).await();
              if (!exchange.status().equals("200")) {
                failures.add(exchange.status() + " " + exchange.header("heddle-error"));
              }
              done.incrementAndGet();
            }
          });
    }
  }

  @FunctionalInterface
  private interface Load {
    void run(
        InetSocketAddress address, AtomicBoolean stop, List<String> failures, AtomicInteger done)
        throws Exception;
  }

  private static void replaceUnderLoad(HttpProtocol protocol, Load load) throws Exception {
    Deque<Pod> pods = new ArrayDeque<>(List.of(new Pod(protocol), new Pod(protocol)));
    AtomicBoolean stop = new AtomicBoolean();
    List<String> failures = new CopyOnWriteArrayList<>();
    AtomicInteger done = new AtomicInteger();
    try (ProxyHarness client =
        ProxyHarness.settings().meshUpstream().cluster("a", 1, addresses(pods)).start()) {
      InetSocketAddress address = client.listen(protocol);
      List<Thread> callers = new CopyOnWriteArrayList<>();
      for (int i = 0; i < 4; i++) {
        callers.add(
            Thread.ofVirtual()
                .start(() -> {
                  try {
                    load.run(address, stop, failures, done);
                  } catch (Exception e) {
                    failures.add(e.toString());
                  }
                }));
      }
      for (int round = 0; round < ROUNDS; round++) {
        System.out.println("round " + round + " " + System.nanoTime() / 1000000);
        more(done, 200);
        Pod old = pods.removeFirst();
        System.out.println("stop " + System.nanoTime() / 1000000);
        old.stopApp();
        more(done, 100);
        System.out.println("drain " + System.nanoTime() / 1000000);
        old.proxy.drain();
        more(done, 100);
        pods.addLast(new Pod(protocol));
        client.reconfigure(Map.of("a", List.of(addresses(pods))));
        System.out.println("wait " + System.nanoTime() / 1000000);
        await().until(() -> old.proxy.openDownstream() == 0);
        System.out.println("close " + System.nanoTime() / 1000000);
        old.close();
      }
      stop.set(true);
      for (Thread caller : callers) {
        caller.join(10_000);
      }
      assertThat(failures).isEmpty();
      assertThat(client.load()).isZero();
    } finally {
      stop.set(true);
      for (Pod pod : pods) {
        pod.close();
      }
    }
  }

  private static void more(AtomicInteger done, int requests) {
    int target = done.get() + requests;
    await().until(() -> done.get() >= target);
  }

  private static InetSocketAddress[] addresses(Deque<Pod> pods) {
    return pods.stream().map(pod -> pod.address).toArray(InetSocketAddress[]::new);
  }
}
