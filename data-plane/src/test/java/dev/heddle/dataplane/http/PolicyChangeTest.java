package dev.heddle.dataplane.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.dataplane.config.AccessPolicy;
import dev.heddle.dataplane.config.RouteConfiguration.PathMatch;
import dev.heddle.dataplane.config.RouteConfiguration.RouteMatch;
import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.http.harness.Http2Peer;
import dev.heddle.dataplane.http.harness.ProxyHarness;
import dev.heddle.dataplane.http.harness.RawClient;
import dev.heddle.dataplane.http.harness.RawServer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A connection outlives policies: what holds for a request is what holds when it begins. */
final class PolicyChangeTest {

  private static final String GET = "GET / HTTP/1.1\r\nHost: shop\r\n\r\n";

  private static final AccessPolicy NOBODY = new AccessPolicy(List.of());
  private static final AccessPolicy EVERYBODY =
      new AccessPolicy(
          List.of(
              new AccessPolicy.Rule(
                  "all",
                  List.of(),
                  List.of(),
                  new RouteMatch(new PathMatch.Prefix("/"), List.of()))));

  @Test
  void theNextRequestOfAnOpenHttp1ConnectionIsDecidedAnew() throws Exception {
    try (RawServer server = RawServer.answering("hello");
        ProxyHarness proxy =
            ProxyHarness.settings().policy(EVERYBODY).cluster("a", 1, server.address()).start();
        RawClient client = new RawClient(proxy.listen(HttpProtocol.HTTP1))) {
      assertThat(client.send(GET).response()).startsWith("HTTP/1.1 200");

      proxy.enforce(NOBODY);
      assertThat(client.send(GET).response()).startsWith("HTTP/1.1 403");

      proxy.enforce(EVERYBODY);
      assertThat(client.send(GET).response()).startsWith("HTTP/1.1 200");
    }
  }

  @Test
  void theStreamsOfAnOpenHttp2ConnectionAreEachDecidedWhenTheyBegin() throws Exception {
    try (Http2Peer peer = new Http2Peer();
        ProxyHarness proxy =
            ProxyHarness.settings()
                .policy(EVERYBODY)
                .cluster(
                    "a",
                    1,
                    peer.serve(request -> {
                      if (request.ended()) {
                        request.head("200", false).data(request.body(), true);
                      }
                    }))
                .start()) {
      Http2Peer.Client client = peer.connect(proxy.listen(HttpProtocol.HTTP2));
      assertThat(client.send(client.get("/"), true).await().status()).isEqualTo("200");
      Http2Peer.Exchange underWay =
          client.send(client.get("/").method("POST"), false).data("begun ", false);
      assertThat(client.send(client.get("/"), true).await().status()).isEqualTo("200");

      proxy.enforce(NOBODY);
      assertThat(client.send(client.get("/"), true).await().status()).isEqualTo("403");
      assertThat(underWay.data("and done", true).await().body())
          .as("what was under way finishes")
          .isEqualTo("begun and done");

      proxy.enforce(EVERYBODY);
      assertThat(client.send(client.get("/"), true).await().status()).isEqualTo("200");
      assertThat(client.isOpen()).isTrue();
    }
  }
}
