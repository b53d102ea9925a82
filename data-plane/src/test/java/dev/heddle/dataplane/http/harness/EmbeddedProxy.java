package dev.heddle.dataplane.http.harness;

import dev.heddle.dataplane.config.ProxyConfiguration;
import dev.heddle.dataplane.config.TerminalFilter;
import dev.heddle.dataplane.config.Workload;
import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.http.HttpConnectionManagerInstaller;
import dev.heddle.dataplane.telemetry.RequestReport;
import dev.heddle.dataplane.trace.ExportMonitor;
import dev.heddle.dataplane.transport.PerEventLoop;
import dev.heddle.dataplane.upstream.PickedEndpoint;
import dev.heddle.dataplane.upstream.UpstreamConnector;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP data path between one client and its servers without sockets or threads: the same bytes
 * take the same way each time, and at the end every buffer must be back.
 */
public final class EmbeddedProxy implements AutoCloseable {
  private static final InetSocketAddress SERVER =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 8080);
  private static final InetSocketAddress CLIENT =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 40_000);

  /** More than any exchange of a few kilobytes takes. */
  private static final int MAX_MOVES = 100_000;

  private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false, true);
  private final EmbeddedConnection client = new EmbeddedConnection(allocator);
  private final List<EmbeddedConnection> servers = new ArrayList<>();
  private final RecordedRequests requests = new RecordedRequests();
  private final RoundRobinUpstreams upstreams;
  private final Server server;

  /** What answers. */
  @FunctionalInterface
  public interface Server {
    /**
     * The proxy has written more to a connection.
     *
     * @param index the connection's place in {@link EmbeddedProxy#servers()}
     */
    void written(int index, EmbeddedConnection connection);
  }

  /** A proxy with one cluster {@code a} of one endpoint. */
  public EmbeddedProxy(ProxyHarness.Settings settings, HttpProtocol protocol, Server server) {
    this.server = server;
    this.upstreams = new RoundRobinUpstreams(settings.upstreamTls());
    settings.cluster("a", 1, SERVER);
    ProxyConfiguration configuration = settings.configuration(1, settings.clusters());
    EventLoop loop = client.eventLoop();
    TerminalFilter.HttpConnectionManager filter = settings.filter();
    new HttpConnectionManagerInstaller(
            loop,
            () -> configuration,
            new PerEventLoop<>(loop, ignored -> upstreams),
            new Connector(),
            requests,
            new Workload("web", "Deployment", "shop", "frontend", "web-1", "web", "v1"),
            Clock.systemUTC(),
            settings.limits(),
            settings.memory(),
            new ExportMonitor(new SimpleMeterRegistry(), System::nanoTime))
        .http(client, settings.connection(filter, CLIENT, SERVER), filter, protocol);
  }

  private final class Connector implements UpstreamConnector {
    @Override
    public Future<Channel> connect(
        EventLoop eventLoop, PickedEndpoint endpoint, @Nullable HttpProtocol protocol) {
      EmbeddedConnection connection = new EmbeddedConnection(allocator);
      servers.add(connection);
      return eventLoop.newSucceededFuture(connection);
    }
  }

  /** The client's end. */
  public EmbeddedConnection client() {
    return client;
  }

  /** The connections the proxy has opened, in order. */
  public List<EmbeddedConnection> servers() {
    return servers;
  }

  public List<RequestReport> reports() {
    return requests.reports();
  }

  /** Moves bytes until nothing moves any more. */
  public void settle() {
    for (int moves = 0; moves < MAX_MOVES; moves++) {
      boolean moved = client.move();
      for (int i = 0; i < servers.size(); i++) {
        EmbeddedConnection connection = servers.get(i);
        int before = connection.receivedBytes();
        moved |= connection.move();
        if (connection.receivedBytes() > before) {
          server.written(i, connection);
          moved = true;
        }
      }
      if (!moved) {
        return;
      }
    }
    throw new AssertionError("the proxy never comes to rest");
  }

  /** Ends all connections and checks that nothing is left of them. */
  @Override
  public void close() {
    client.disappear();
    settle();
    servers.forEach(EmbeddedConnection::disappear);
    client.runPendingTasks();
    nothing("requests counted as being carried", upstreams.load());
    nothing("messages at the end of the pipeline", stray());
    nothing(
        "bytes of buffers not released",
        allocator.metric().usedHeapMemory() + allocator.metric().usedDirectMemory());
  }

  /**
   * Without sockets a connection that closes loses its handlers at once, maybe between a head that
   * is refused and its end. That end holds nothing.
   */
  private long stray() {
    return Stream.concat(Stream.of(client), servers.stream())
        .flatMap(connection -> connection.inboundMessages().stream())
        .filter(message -> !message.equals(LastHttpContent.EMPTY_LAST_CONTENT))
        .count();
  }

  private static void nothing(String what, long count) {
    if (count != 0) {
      throw new AssertionError(what + ": " + count + " (expected: 0)");
    }
  }
}
