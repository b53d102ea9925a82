package dev.heddle.dataplane.http;

import static dev.heddle.dataplane.http.harness.RawClient.lines;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.http.harness.ProxyHarness;
import dev.heddle.dataplane.http.harness.RawClient;
import dev.heddle.dataplane.http.harness.RawServer;
import dev.heddle.dataplane.loopback.RefusingPort;
import dev.heddle.dataplane.telemetry.RequestReport;
import dev.heddle.dataplane.telemetry.ResponseFlag;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** What is sent again, and what must not be. */
final class RetryTest {
  private static final String GET = lines("GET / HTTP/1.1", "Host: shop");
  private static final String POST =
      lines("POST / HTTP/1.1", "Host: shop", "Content-Length: 3") + "abc";
  private static final String OK = lines("HTTP/1.1 200 OK", "Content-Length: 2") + "ok";

  @AutoClose private final RefusingPort refusing = new RefusingPort();
  @AutoClose private final RefusingPort alsoRefusing = new RefusingPort();

  @Test
  void triesAnotherEndpointWhenOneCannotBeConnected() throws Exception {
    try (RawServer server = RawServer.answering("ok");
        ProxyHarness proxy =
            ProxyHarness.settings().cluster("a", 1, refusing.address(), server.address()).start();
        RawClient client = new RawClient(proxy.listen(HttpProtocol.HTTP1))) {
      for (int i = 0; i < 10; i++) {
        assertThat(client.send(POST).response()).endsWith("ok");
      }
      assertThat(proxy.reports()).anyMatch(report -> report.attempts() == 2);
      assertThat(proxy.load()).isZero();
    }
  }

  /** As when the only pod of a Deployment is being replaced. */
  @Test
  void waitsForAnEndpointThatIsAboutToAppear() throws Exception {
    InetSocketAddress gone = refusing.address();
    try (RawServer server = RawServer.answering("ok");
        ProxyHarness proxy = ProxyHarness.settings().retries(10).cluster("a", 1, gone).start();
        RawClient client = new RawClient(proxy.listen(HttpProtocol.HTTP1))) {
      client.send(POST);
      await().until(() -> proxy.picks() >= 3);
      proxy.reconfigure(Map.of("a", List.of(server.address())));

      assertThat(client.response()).startsWith("HTTP/1.1 200 ").endsWith("ok");
      assertThat(proxy.reports().getFirst().attempts()).isGreaterThanOrEqualTo(3);
      assertThat(proxy.load()).isZero();
    }
  }

  /** As when the last pod of a split's backend goes, and the split leaves that backend out. */
  @Test
  void goesToAnotherBackendOnceItsOwnMayGetNoRequestsAnyMore() throws Exception {
    try (RawServer server = RawServer.answering("ok");
        ProxyHarness proxy =
            ProxyHarness.settings()
                .retries(10)
                .cluster("a", 1, refusing.address())
                .cluster("b", 0, server.address())
                .start();
        RawClient client = new RawClient(proxy.listen(HttpProtocol.HTTP1))) {
      client.send(POST);
      await().until(() -> proxy.picks() >= 3);
      proxy.weigh(Map.of("a", 0L, "b", 1L));

      assertThat(client.response()).startsWith("HTTP/1.1 200 ").endsWith("ok");
      assertThat(proxy.reports())
          .extracting(RequestReport::destination)
          .containsExactly(new Cluster.Destination("b", "shop", 80));
      assertThat(proxy.load()).isZero();
    }
  }

  /** A backend that fails is not helped out by the others: that it fails has to show. */
  @Test
  void staysWithItsBackendAsLongAsThatMayGetRequests() throws Exception {
    try (RawServer server = RawServer.answering("ok");
        ProxyHarness proxy =
            ProxyHarness.settings()
                .retries(4)
                .cluster("a", 1, refusing.address())
                .cluster("b", 0, server.address())
                .start();
        RawClient client = new RawClient(proxy.listen(HttpProtocol.HTTP1))) {
      client.send(POST);
      await().until(() -> proxy.picks() >= 2);
      proxy.weigh(Map.of("a", 1L, "b", 1_000_000L));

      assertThat(client.response()).startsWith("HTTP/1.1 503 ");
      assertThat(server.connections()).isZero();
      assertThat(proxy.load()).isZero();
    }
  }

  @Test
  void forgetsARequestWhoseClientLeavesDuringTheWait() throws Exception {
    try (ProxyHarness proxy =
        ProxyHarness.settings().retries(10).cluster("a", 1, refusing.address()).start()) {
      try (RawClient client = new RawClient(proxy.listen(HttpProtocol.HTTP1))) {
        client.send(GET);
        await().until(() -> proxy.picks() >= 2);
      }
      await().until(() -> proxy.reports().size() == 1);
      assertThat(proxy.reports().getFirst().flags()).isEqualTo(ResponseFlag.DOWNSTREAM_TERMINATION);
      assertThat(proxy.load()).isZero();
    }
  }

  @Test
  void saysWhyWhenNothingCanBeConnected() throws Exception {
    try (ProxyHarness proxy =
            ProxyHarness.settings()
                .cluster("a", 1, refusing.address(), alsoRefusing.address())
                .start();
        RawClient client = new RawClient(proxy.listen(HttpProtocol.HTTP1))) {
      assertThat(client.send(GET).response())
          .startsWith("HTTP/1.1 503 ")
          .contains("heddle-error: UF ")
          .doesNotContain("heddle-undelivered");
      assertThat(proxy.reports().getFirst().attempts()).isEqualTo(3);
    }
  }

  @Test
  void tellsTheClientsProxyThatTheApplicationNeverGotTheRequest() throws Exception {
    try (ProxyHarness proxy =
            ProxyHarness.settings()
                .inboundMesh()
                .retries(0)
                .cluster("a", 1, refusing.address())
                .start();
        RawClient client = new RawClient(proxy.listen(HttpProtocol.HTTP1))) {
      assertThat(client.send(POST).response())
          .startsWith("HTTP/1.1 503 ")
          .contains("heddle-undelivered: ");
    }
  }

  @Test
  void sendsElsewhereWhatAProxyCouldNotDeliver() throws Exception {
    String undelivered =
        lines("HTTP/1.1 503 Service Unavailable", "heddle-undelivered: gone", "Content-Length: 0");
    try (RawServer first =
            new RawServer(connection -> {
              while (connection.readRequest()) {
                connection.send(undelivered);
              }
            });
        RawServer second = RawServer.answering("ok");
        ProxyHarness proxy =
            ProxyHarness.settings()
                .meshUpstream()
                .cluster("a", 1, first.address(), second.address())
                .start();
        RawClient client = new RawClient(proxy.listen(HttpProtocol.HTTP1))) {
      for (int i = 0; i < 10; i++) {
        assertThat(client.send(POST).response()).startsWith("HTTP/1.1 200 ").endsWith("ok");
      }
      assertThat(first.connections()).isEqualTo(1);
    }
  }

  @Test
  void doesNotBelieveUndeliveredOnPlaintext() throws Exception {
    try (RawServer server =
            new RawServer(connection -> {
              while (connection.readRequest()) {
                connection.send(
                    lines(
                        "HTTP/1.1 503 Service Unavailable",
                        "heddle-undelivered: lie",
                        "Content-Length: 0"));
              }
            });
        ProxyHarness proxy = ProxyHarness.settings().cluster("a", 1, server.address()).start();
        RawClient client = new RawClient(proxy.listen(HttpProtocol.HTTP1))) {
      assertThat(client.send(POST).response()).startsWith("HTTP/1.1 503 ").doesNotContain("heddle");
      assertThat(server.heads()).hasSize(1);
    }
  }

  /** A server that closes every connection when its second request has come in. */
  private static RawServer closingWithoutAnswer() throws IOException {
    return new RawServer(connection -> {
      if (connection.readRequest()) {
        connection.send(OK);
      }
      connection.readRequest();
    });
  }

  @Test
  void sendsAnIdempotentRequestAgainWhenAKeptAliveConnectionCloses() throws Exception {
    try (RawServer server = closingWithoutAnswer();
        ProxyHarness proxy =
            ProxyHarness.settings().retries(0).cluster("a", 1, server.address()).start();
        RawClient client = new RawClient(proxy.listen(HttpProtocol.HTTP1))) {
      for (int i = 0; i < 5; i++) {
        assertThat(client.send(GET).response()).endsWith("ok");
      }
    }
  }

  @Test
  void doesNotSendANonIdempotentRequestAgain() throws Exception {
    try (RawServer server = closingWithoutAnswer();
        ProxyHarness proxy = ProxyHarness.settings().cluster("a", 1, server.address()).start();
        RawClient client = new RawClient(proxy.listen(HttpProtocol.HTTP1))) {
      assertThat(client.send(POST).response()).endsWith("ok");
      assertThat(client.send(POST).response())
          .startsWith("HTTP/1.1 503 ")
          .contains("heddle-error: UC ");
      assertThat(server.heads()).hasSize(2);
    }
  }

  @Test
  void usesAnotherConnectionWhenTheServerHasClosedTheIdleOne() throws Exception {
    try (RawServer server =
            new RawServer(connection -> {
              connection.readRequest();
              connection.send(OK);
            });
        ProxyHarness proxy =
            ProxyHarness.settings().retries(0).cluster("a", 1, server.address()).start();
        RawClient client = new RawClient(proxy.listen(HttpProtocol.HTTP1))) {
      for (int i = 1; i <= 5; i++) {
        int number = i;
        assertThat(client.send(GET).response()).endsWith("ok");
        await().until(() -> server.connections() == number);
      }
    }
  }

  @Test
  void doesNotSendAgainWhatIsTooLargeToKeep() throws Exception {
    int size = 300_000;
    try (RawServer server =
            new RawServer(connection -> {
              connection.readHead();
              connection.in().skipNBytes(200_000);
              connection.reset();
            });
        RawServer other = RawServer.answering("ok");
        ProxyHarness proxy =
            ProxyHarness.settings().cluster("a", 1, server.address(), server.address()).start();
        RawClient client = new RawClient(proxy.listen(HttpProtocol.HTTP1))) {
      client.send(lines("PUT / HTTP/1.1", "Host: shop", "Content-Length: " + size));
      client.send(new byte[size]);
      assertThat(client.response()).startsWith("HTTP/1.1 503 ").contains("heddle-error: UC ");
      assertThat(server.heads()).hasSize(1);
      assertThat(other.heads()).isEmpty();
    }
  }

  @Test
  void doesNotRetryAMalformedAnswer() throws Exception {
    try (RawServer server =
            new RawServer(connection -> {
              connection.readHead();
              connection.send(
                  lines("HTTP/1.1 200 OK", "Content-Length: 2", "Transfer-Encoding: chunked"));
            });
        ProxyHarness proxy = ProxyHarness.settings().cluster("a", 1, server.address()).start();
        RawClient client = new RawClient(proxy.listen(HttpProtocol.HTTP1))) {
      assertThat(client.send(GET).response())
          .startsWith("HTTP/1.1 502 ")
          .contains("heddle-error: UPE ");
      assertThat(server.heads()).hasSize(1);
      assertThat(proxy.reports().getFirst().flags())
          .isEqualTo(ResponseFlag.UPSTREAM_PROTOCOL_ERROR);
    }
  }

  @Test
  void boundsRetriesByABudget() throws Exception {
    try (ProxyHarness proxy =
            ProxyHarness.settings().retries(10).cluster("a", 1, refusing.address()).start();
        RawClient client = new RawClient(proxy.listen(HttpProtocol.HTTP1))) {
      for (int i = 0; i < 100; i++) {
        client.send(GET).response();
      }
      int attempts = proxy.reports().stream().mapToInt(report -> report.attempts()).sum();
      assertThat(attempts).isBetween(200, 240);
    }
  }
}
