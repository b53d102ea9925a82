package dev.heddle.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.dataplane.xds.ResourceType;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Two proxies with a network between them that goes wrong in one way after the other, while clients
 * call through it. Runs in a network namespace of its own, where it can drop and reset packets. For
 * each way: every call ends in time, nothing that may not be repeated is delivered twice, what is
 * answered was delivered, and once the network is well again so are the calls.
 */
final class ToxicNetworkProbe implements AutoCloseable {
  private static final Duration FAULT = Duration.ofSeconds(3);
  private static final Duration RECOVERY = Duration.ofSeconds(15);
  private static final String SERVER_LISTENER = "inbound/shop/web";
  private static final String CLIENT_LISTENER = "outbound/shop/web";

  /** Two attempts and what connecting takes; far from the minutes that TCP itself would wait. */
  private static final String ROUTE =
      "[{match: {prefix: /}, route: {cluster: web, timeout: 1.5s, retry_policy: {retry_on:"
          + " 'connect-failure,refused-stream', num_retries: 2}}}]";

  private final TestAuthority authority;
  private final CountingApp app;
  private final MeshProxy server;
  private final MeshProxy client;
  private final InetSocketAddress link;
  private int version;
  private @Nullable DelayingRelay relay;

  /** What can go wrong on the link. */
  enum Fault {
    DELAY,
    LOSS,
    RESETS,
    REQUESTS_LOST,
    ANSWERS_LOST,
    BLACK_HOLE,
    HALF_OPEN
  }

  private ToxicNetworkProbe(MeshResources.Protocol protocol) throws Exception {
    authority = TestAuthority.start();
    app = new CountingApp(Duration.ofMillis(20));
    server = new MeshProxy("web", authority.issue(MeshProxy.id("web")));
    client = new MeshProxy("client", authority.issue(MeshProxy.id("client")));
    server
        .controlPlane()
        .send(
            ResourceType.LISTENER,
            SERVER_LISTENER,
            "1",
            MeshResources.serverListener(SERVER_LISTENER, "{cluster: app}"));
    server
        .controlPlane()
        .send(ResourceType.CLUSTER, "app", "1", MeshResources.appCluster("app", app.port()));
    link = server.address(SERVER_LISTENER);
    client
        .controlPlane()
        .send(
            ResourceType.LISTENER,
            CLIENT_LISTENER,
            "1",
            MeshResources.clientListener(CLIENT_LISTENER, "web"));
    client.controlPlane().send(ResourceType.ROUTES, "web", "1", MeshResources.routes("web", ROUTE));
    client
        .controlPlane()
        .send(ResourceType.CLUSTER, "web", "1", MeshResources.meshCluster("web", "web", protocol));
    leadTo(link);
  }

  public static void main(String[] arguments) throws Exception {
    run("ip", "link", "set", "lo", "up");
    nft("table inet toxic { chain link { type filter hook input priority 0; }; }");
    MeshResources.Protocol protocol = MeshResources.Protocol.valueOf(arguments[0]);
    try (ToxicNetworkProbe probe = new ToxicNetworkProbe(protocol)) {
      for (Fault fault : Fault.values()) {
        System.out.println("toxic " + protocol + " " + fault + ": " + probe.suffer(fault));
      }
    }
    // Threads of the HTTP client would hold the process for a while.
    System.exit(0);
  }

  private CallLoad.Outcome suffer(Fault fault) throws Exception {
    try (CallLoad load = new CallLoad(client.address(CLIENT_LISTENER), fault.name())) {
      load.untilSuccessive(50, RECOVERY);
      begin(fault);
      load.keepOn(FAULT);
      end(fault);
      load.untilSuccessive(50, RECOVERY);
      CallLoad.Outcome outcome = load.stop();
      judge(outcome);
      return outcome;
    }
  }

  private void judge(CallLoad.Outcome outcome) {
    for (CallLoad.Call call : outcome.calls()) {
      int deliveries = app.deliveries(call.id());
      assertThat(call.took()).as("%s", call).isLessThan(CallLoad.PATIENCE);
      assertThat(call.cut() || List.of(200, 503, 504).contains(call.status()))
          .as("%s", call)
          .isTrue();
      if (call.idempotent()) {
        assertThat(deliveries).as("deliveries of %s", call).isLessThanOrEqualTo(4);
      } else {
        assertThat(deliveries).as("deliveries of %s", call).isLessThanOrEqualTo(1);
      }
      if (call.status() == 200) {
        assertThat(deliveries).as("deliveries of %s", call).isPositive();
      }
    }
  }

  private void begin(Fault fault) throws Exception {
    String to = "tcp dport " + link.getPort() + " ";
    String from = "tcp sport " + link.getPort() + " ";
    switch (fault) {
      case DELAY -> leadTo(delayed().address());
      case LOSS -> {
        String some = "numgen random mod 100 < 15 drop";
        rules(to + some, from + some);
      }
      case RESETS -> rules(to + "numgen random mod 100 < 10 reject with tcp reset");
      case REQUESTS_LOST -> rules(to + "drop");
      case ANSWERS_LOST -> rules(from + "drop");
      case BLACK_HOLE -> rules(to + "drop", from + "drop");
      case HALF_OPEN -> {
        String ports = String.join(", ", connected());
        rules(to + "tcp sport { " + ports + " } drop", from + "tcp dport { " + ports + " } drop");
      }
    }
  }

  /** A connection that is half open stays so: its other end will never hear of it again. */
  private void end(Fault fault) throws Exception {
    switch (fault) {
      case DELAY -> leadTo(link);
      case LOSS, RESETS, REQUESTS_LOST, ANSWERS_LOST, BLACK_HOLE -> rules();
      case HALF_OPEN -> {}
    }
  }

  private void leadTo(InetSocketAddress address) throws Exception {
    client
        .controlPlane()
        .send(
            ResourceType.ENDPOINTS,
            "web",
            Integer.toString(++version),
            MeshResources.endpoints("web", "web", List.of(address)));
  }

  private DelayingRelay delayed() throws IOException {
    DelayingRelay started = new DelayingRelay(link);
    relay = started;
    return started;
  }

  /** The client's ports of the connections that the link carries now. */
  private List<String> connected() throws Exception {
    String sockets = run("ss", "-Htn", "state", "established", "dport = :" + link.getPort());
    List<String> ports =
        sockets
            .lines()
            .map(line -> line.strip().split("\\s+", -1)[2].replaceFirst(".*:", ""))
            .toList();
    assertThat(ports).as("connections of the link").isNotEmpty();
    return ports;
  }

  private static void rules(String... rules) throws Exception {
    StringBuilder commands = new StringBuilder("flush chain inet toxic link\n");
    for (String rule : rules) {
      commands.append("add rule inet toxic link ").append(rule).append('\n');
    }
    nft(commands.toString());
  }

  private static void nft(String commands) throws Exception {
    run("nft", commands);
  }

  private static String run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(String.join(" ", command) + ": " + output);
    }
    return output;
  }

  @Override
  public void close() {
    client.close();
    server.close();
    app.close();
    authority.close();
    if (relay != null) {
      relay.close();
    }
  }
}
