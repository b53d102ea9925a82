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
import dev.heddle.dataplane.telemetry.ResponseFlag;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class Http2ProxyTest {
  private final Http2Peer peer = new Http2Peer();

  @AfterEach
  void close() {
    peer.close();
  }

  private InetSocketAddress echo() throws InterruptedException {
    return peer.serve(request -> {
      if (request.ended()) {
        request.head("200", false).data(request.body(), true);
      }
    });
  }

  @Test
  void multiplexesOverOneConnection() throws Exception {
    AtomicInteger connections = new AtomicInteger();
    InetSocketAddress server =
        peer.serve(request -> {
          connections.accumulateAndGet(request.connection(), Math::max);
          if (request.ended()) {
            request.head("200", false).data(request.body(), true);
          }
        });
    try (ProxyHarness proxy = ProxyHarness.settings().cluster("a", 1, server).start()) {
      Http2Peer.Client client = peer.connect(proxy.listen(HttpProtocol.HTTP2));
      List<Http2Peer.Exchange> exchanges = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        exchanges.add(client.send(client.get("/").method("POST"), false).data("n" + i, true));
      }
      for (int i = 0; i < 50; i++) {
        Http2Peer.Exchange exchange = exchanges.get(i).await();
        assertThat(exchange.status()).isEqualTo("200");
        assertThat(exchange.body()).isEqualTo("n" + i);
      }
      assertThat(connections).hasValue(1);
      await().until(() -> proxy.reports().size() == 50 && proxy.load() == 0);
    }
  }

  @Test
  void carriesGrpcWithTrailersAndReadsItsStatus() throws Exception {
    InetSocketAddress server =
        peer.serve(request -> {
          if (request.ended()) {
            assertThat(request.headers().get("te")).hasToString("trailers");
            request
                .head("200", false)
                .data(request.body(), false)
                .trailers(new DefaultHttp2Headers().set("grpc-status", "5"));
          }
        });
    try (ProxyHarness proxy = ProxyHarness.settings().cluster("a", 1, server).start()) {
      Http2Peer.Client client = peer.connect(proxy.listen(HttpProtocol.HTTP2));
      Http2Headers headers =
          client
              .get("/shop.Cart/Add")
              .method("POST")
              .set("content-type", "application/grpc")
              .set("te", "trailers");
      Http2Peer.Exchange exchange = client.send(headers, false).data("message", true).await();
      assertThat(exchange.body()).isEqualTo("message");
      assertThat(exchange.trailer("grpc-status")).isEqualTo("5");
      await().until(() -> proxy.reports().size() == 1);
      assertThat(proxy.reports().getFirst().grpc()).isTrue();
      assertThat(proxy.reports().getFirst().grpcStatus()).isEqualTo(5);
    }
  }

  @Test
  void answersGrpcCallersInTheirTerms() throws Exception {
    try (ProxyHarness proxy = ProxyHarness.settings().cluster("a", 1).start()) {
      Http2Peer.Client client = peer.connect(proxy.listen(HttpProtocol.HTTP2));
      Http2Peer.Exchange exchange =
          client
              .send(client.get("/s/M").method("POST").set("content-type", "application/grpc"), true)
              .await();
      assertThat(exchange.status()).isEqualTo("200");
      assertThat(exchange.header("grpc-status")).isEqualTo("14");
      assertThat(exchange.header("heddle-error")).startsWith("UH ");
    }
  }

  @Test
  void translatesBetweenTheProtocols() throws Exception {
    InetSocketAddress http2 =
        peer.serve(request -> {
          if (request.ended()) {
            Http2Headers received = request.trailers();
            request
                .head("200", false)
                .data(request.headers().path() + " " + request.body(), false)
                .trailers(
                    new DefaultHttp2Headers()
                        .set("x-seen", received == null ? "" : received.get("x-check")));
          }
        });
    try (ProxyHarness proxy =
            ProxyHarness.settings()
                .protocol(Cluster.UpstreamProtocol.HTTP2)
                .cluster("a", 1, http2)
                .start();
        RawClient client = new RawClient(proxy.listen(HttpProtocol.HTTP1))) {
      client.send(
          lines("POST /up HTTP/1.1", "Host: shop", "Transfer-Encoding: chunked")
              + lines("3", "abc", "0", "X-Check: 7"));
      assertThat(client.response()).contains("/up abc").endsWith("x-seen: 7");
    }
    try (RawServer http1 = RawServer.answering("down");
        ProxyHarness proxy =
            ProxyHarness.settings()
                .protocol(Cluster.UpstreamProtocol.HTTP1)
                .cluster("a", 1, http1.address())
                .start()) {
      Http2Peer.Client client = peer.connect(proxy.listen(HttpProtocol.HTTP2));
      Http2Headers headers = client.get("/x").add("cookie", "a=1").add("cookie", "b=2");
      assertThat(client.send(headers, true).await().body()).isEqualTo("down");
      assertThat(http1.heads().getFirst())
          .containsIgnoringCase("host: shop\n")
          .containsIgnoringCase("cookie: a=1; b=2\n");
    }
  }

  @Test
  void mapsResetsBothWays() throws Exception {
    AtomicInteger cancelled = new AtomicInteger();
    InetSocketAddress server =
        peer.serve(request -> {
          if (request.headers().path().toString().equals("/reset")) {
            request.head("200", false).data("x", false).reset(Http2Error.INTERNAL_ERROR);
          } else {
            cancelled.incrementAndGet();
          }
        });
    try (ProxyHarness proxy = ProxyHarness.settings().cluster("a", 1, server).start()) {
      Http2Peer.Client client = peer.connect(proxy.listen(HttpProtocol.HTTP2));
      assertThat(client.send(client.get("/reset"), true).await().error())
          .isEqualTo(Http2Error.INTERNAL_ERROR.code());
      Http2Peer.Exchange hanging = client.send(client.get("/hang"), true);
      await().until(() -> cancelled.get() == 1);
      hanging.reset(Http2Error.CANCEL);
      await().until(() -> proxy.reports().size() == 2 && proxy.load() == 0);
      assertThat(proxy.reports().get(0).flags()).isEqualTo(ResponseFlag.UPSTREAM_RESET);
      assertThat(proxy.reports().get(1).flags()).isEqualTo(ResponseFlag.DOWNSTREAM_TERMINATION);
    }
  }

  @Test
  void sendsRefusedStreamsElsewhere() throws Exception {
    InetSocketAddress refusing = peer.serve(request -> request.reset(Http2Error.REFUSED_STREAM));
    try (ProxyHarness proxy = ProxyHarness.settings().cluster("a", 1, refusing, echo()).start()) {
      Http2Peer.Client client = peer.connect(proxy.listen(HttpProtocol.HTTP2));
      for (int i = 0; i < 10; i++) {
        Http2Peer.Exchange exchange =
            client.send(client.get("/").method("POST"), false).data("x", true).await();
        assertThat(exchange.status()).isEqualTo("200");
        assertThat(exchange.body()).isEqualTo("x");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1 << 20})
  void losesNothingWhenTheServerGoesAway(int extraStreams) throws Exception {
    ConcurrentHashMap<Integer, AtomicInteger> perConnection = new ConcurrentHashMap<>();
    InetSocketAddress server =
        peer.serve(request -> {
          if (request.ended()) {
            int count =
                perConnection
                    .computeIfAbsent(request.connection(), number -> new AtomicInteger())
                    .incrementAndGet();
            if (count == 5) {
              request.goAway(extraStreams);
            }
            request.head("200", false).data(request.body(), true);
          }
        });
    try (ProxyHarness proxy = ProxyHarness.settings().cluster("a", 1, server).start()) {
      Http2Peer.Client client = peer.connect(proxy.listen(HttpProtocol.HTTP2));
      for (int round = 0; round < 5; round++) {
        List<Http2Peer.Exchange> exchanges = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
          exchanges.add(client.send(client.get("/").method("POST"), true));
        }
        for (Http2Peer.Exchange exchange : exchanges) {
          assertThat(exchange.await().status()).isEqualTo("200");
        }
      }
      assertThat(perConnection.size()).isGreaterThan(2);
    }
  }

  @Test
  void balancesTheRequestsOfOneConnection() throws Exception {
    try (ProxyHarness proxy = ProxyHarness.settings().cluster("a", 1, echo(), echo()).start()) {
      Http2Peer.Client client = peer.connect(proxy.listen(HttpProtocol.HTTP2));
      for (int i = 0; i < 20; i++) {
        client.send(client.get("/"), true).await();
      }
      await().until(() -> proxy.reports().size() == 20);
      assertThat(proxy.reports().stream().map(report -> report.upstream()).distinct()).hasSize(2);
    }
  }

  @Test
  void holdsTheServerBackWhenTheClientDoesNotRead() throws Exception {
    int size = 32 << 20;
    AtomicLong written = new AtomicLong();
    try (RawServer server = RawServer.sending(size, written);
        ProxyHarness proxy =
            ProxyHarness.settings()
                .protocol(Cluster.UpstreamProtocol.HTTP1)
                .cluster("a", 1, server.address())
                .start()) {
      Http2Peer.Client client = peer.connect(proxy.listen(HttpProtocol.HTTP2));
      Http2Peer.Exchange exchange = client.send(client.get("/"), true);
      exchange.reading(false);
      AtomicLong before = new AtomicLong(-1);
      await()
          .pollInterval(java.time.Duration.ofMillis(300))
          .until(() -> written.get() > 0 && before.getAndSet(written.get()) == written.get());
      assertThat(written.get()).isLessThan(16 << 20);
      exchange.reading(true);
      assertThat(exchange.await().bytes()).isEqualTo(size);
    }
  }

  @Test
  void carriesLargeRequestBodies() throws Exception {
    InetSocketAddress server =
        peer.serve(request -> {
          if (request.ended()) {
            request.head("200", false).data(String.valueOf(request.body().length()), true);
          }
        });
    try (ProxyHarness proxy = ProxyHarness.settings().cluster("a", 1, server).start()) {
      Http2Peer.Client client = peer.connect(proxy.listen(HttpProtocol.HTTP2));
      Http2Peer.Exchange exchange = client.send(client.get("/").method("POST"), false);
      for (int i = 0; i < 64; i++) {
        exchange.data(Unpooled.wrappedBuffer(new byte[64 << 10]), i == 63);
      }
      assertThat(exchange.await().body()).isEqualTo(String.valueOf(4 << 20));
    }
  }

  @Test
  void drainsWithTwoGoAways() throws Exception {
    try (ProxyHarness proxy = ProxyHarness.settings().cluster("a", 1, echo()).start()) {
      Http2Peer.Client client = peer.connect(proxy.listen(HttpProtocol.HTTP2));
      Http2Peer.Exchange pending = client.send(client.get("/").method("POST"), false);
      client.send(client.get("/"), true).await();
      proxy.drain();
      await().until(() -> client.goAways().size() == 2);
      assertThat(client.goAways().getFirst().lastStreamId()).isEqualTo(Integer.MAX_VALUE);
      assertThat(client.isOpen()).isTrue();
      assertThat(pending.data("late", true).await().body()).isEqualTo("late");
      await().until(() -> !client.isOpen() && proxy.openDownstream() == 0);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "X-Upper: 1",
        "connection: close",
        "transfer-encoding: chunked",
        "upgrade: websocket",
        "te: gzip",
        "host: other",
        "content-length: 3",
        "x-a: a\rb",
        "x-a: a\nb",
        "x-a: a\0b",
        "x a: 1",
        ":method: GET",
        ":authority: other",
        ":protocol: websocket",
        ":unknown: 1"
      })
  void resetsWhatIsMalformed(String header) throws Exception {
    int colon = header.indexOf(": ");
    try (ProxyHarness proxy = ProxyHarness.settings().cluster("a", 1, echo()).start()) {
      Http2Peer.Client client = peer.connect(proxy.listen(HttpProtocol.HTTP2));
      Http2Headers headers =
          client.get("/").add(header.substring(0, colon), header.substring(colon + 2));
      Http2Peer.Exchange exchange = client.send(headers, true).await();
      assertThat(exchange.status()).isEmpty();
      assertThat(exchange.error()).isEqualTo(Http2Error.PROTOCOL_ERROR.code());
      assertThat(client.send(client.get("/"), true).await().status()).isEqualTo("200");
    }
  }

  @Test
  void refusesConnect() throws Exception {
    try (ProxyHarness proxy = ProxyHarness.settings().cluster("a", 1, echo()).start()) {
      Http2Peer.Client client = peer.connect(proxy.listen(HttpProtocol.HTTP2));
      Http2Headers headers = new DefaultHttp2Headers(false).method("CONNECT").authority("shop:80");
      assertThat(client.send(headers, false).await().status()).isEqualTo("405");
    }
  }

  /** As a proxy does that carries many callers, some of whom lose patience. */
  @Test
  void takesManyResetsFromAClientThatLetsMostRequestsEnd() throws Exception {
    InetSocketAddress server =
        peer.serve(request -> {
          if (!"/slow".contentEquals(request.headers().path())) {
            request.head("200", false).data("ok", true);
          }
        });
    try (ProxyHarness proxy = ProxyHarness.settings().cluster("a", 1, server).start()) {
      Http2Peer.Client client = peer.connect(proxy.listen(HttpProtocol.HTTP2));
      for (int i = 0; i < 300; i++) {
        assertThat(client.send(client.get("/"), true).await().status()).isEqualTo("200");
        assertThat(client.send(client.get("/"), true).await().status()).isEqualTo("200");
        client.send(client.get("/slow"), true).reset(Http2Error.CANCEL);
      }
      assertThat(client.send(client.get("/"), true).await().status()).isEqualTo("200");
      assertThat(client.isOpen()).isTrue();
      await().until(() -> proxy.load() == 0);
    }
  }

  @Test
  void stopsAFloodOfResets() throws Exception {
    InetSocketAddress server = peer.serve(request -> {});
    try (ProxyHarness proxy = ProxyHarness.settings().cluster("a", 1, server).start()) {
      Http2Peer.Client client = peer.connect(proxy.listen(HttpProtocol.HTTP2));
      for (int i = 0; i < 250 && client.isOpen(); i++) {
        client.send(client.get("/"), true).reset(Http2Error.CANCEL);
      }
      await().until(() -> !client.isOpen());
      await().until(() -> proxy.load() == 0);
    }
  }
}
