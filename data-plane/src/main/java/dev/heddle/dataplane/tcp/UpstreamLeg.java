package dev.heddle.dataplane.tcp;

import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.config.LiveConfiguration;
import dev.heddle.dataplane.config.ProxyConfiguration;
import dev.heddle.dataplane.config.TerminalFilter;
import dev.heddle.dataplane.telemetry.ResponseFlag;
import dev.heddle.dataplane.upstream.Outcome;
import dev.heddle.dataplane.upstream.PickedEndpoint;
import dev.heddle.dataplane.upstream.UpstreamConnectException;
import dev.heddle.dataplane.upstream.UpstreamConnector;
import dev.heddle.dataplane.upstream.Upstreams;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connection to an endpoint for one downstream connection: chosen, made, tried again elsewhere.
 * It can be opened ahead of time, before it is known whether the client speaks HTTP; then it is
 * either taken over by a {@link Relay} or abandoned. Used on its event loop only.
 *
 * <pre>
 * Connecting -> Connected -> Taken
 *     |  \          \
 *     |   \          +--> Abandoned
 *     |    +------------> Abandoned
 *     +-> Failed
 * </pre>
 */
public final class UpstreamLeg {
  private static final Logger LOGGER = LoggerFactory.getLogger(UpstreamLeg.class);

  /** Told what happens to a leg; each at most once. */
  public interface Watcher {
    /** The server has sent something, or ended: it will not wait for the client. */
    void serverActed();

    /** No endpoint could be connected to. */
    void failed(ResponseFlag flag);
  }

  private sealed interface State {}

  private record Connecting() implements State {}

  private record Connected(Established established) implements State {}

  private record Taken() implements State {}

  private record Abandoned() implements State {}

  private record Failed(ResponseFlag flag, @Nullable Cluster cluster) implements State {}

  /** An open connection to an endpoint. */
  record Established(Channel channel, PickedEndpoint picked, long connectNanos) {}

  private final LiveConfiguration configuration;
  private final Upstreams upstreams;
  private final UpstreamConnector connector;
  private final RandomGenerator random;
  private final EventLoop eventLoop;
  private final InetSocketAddress originalDestination;
  private final TerminalFilter.TcpProxy filter;
  private final int maxAttempts;
  private final long hash;

  private final Set<InetSocketAddress> tried = new HashSet<>();
  private final Set<String> emptyClusters = new HashSet<>();
  private State state = new Connecting();
  private int attempts;
  private @Nullable Watcher watcher;
  private @Nullable Relay relay;

  UpstreamLeg(
      LiveConfiguration configuration,
      Upstreams upstreams,
      UpstreamConnector connector,
      RandomGenerator random,
      EventLoop eventLoop,
      InetSocketAddress originalDestination,
      TerminalFilter.TcpProxy filter,
      int maxAttempts,
      long hash) {
    this.configuration = configuration;
    this.upstreams = upstreams;
    this.connector = connector;
    this.random = random;
    this.eventLoop = eventLoop;
    this.originalDestination = originalDestination;
    this.filter = filter;
    this.maxAttempts = maxAttempts;
    this.hash = hash;
  }

  /** Begins to connect. */
  void open() {
    ProxyConfiguration current = configuration.current();
    String name;
    while ((name = WeightedChoice.choose(filter.clusters(), emptyClusters, random)) != null) {
      Cluster cluster = current.cluster(name);
      PickedEndpoint picked =
          cluster == null
              ? null
              : upstreams.pick(current, cluster, originalDestination, tried, hash);
      if (picked != null) {
        connect(picked);
        return;
      }
      // A backend without endpoints is left out while another has one.
      emptyClusters.add(name);
    }
    boolean known =
        filter.clusters().stream()
            .anyMatch(weighted -> current.cluster(weighted.cluster()) != null);
    fail(known ? ResponseFlag.NO_HEALTHY_ENDPOINT : ResponseFlag.NO_CLUSTER, null);
  }

  /** Tells of what happens from now on; what has happened already, at once. */
  public void watch(Watcher newWatcher) {
    watcher = newWatcher;
    if (state instanceof Failed failed) {
      newWatcher.failed(failed.flag());
    }
  }

  /** Gives the leg up, whatever it has come to. Does nothing once it is taken over. */
  public void abandon() {
    watcher = null;
    switch (state) {
      case Connecting ignored -> state = new Abandoned();
      case Connected(Established established) -> {
        state = new Abandoned();
        established.picked().finished(established.connectNanos(), Outcome.SUCCESS);
        established.channel().close();
      }
      case Taken ignored -> {}
      case Abandoned ignored -> {}
      case Failed ignored -> {}
    }
  }

  /** Hands the connection over as soon as there is one. */
  void take(Relay newRelay) {
    watcher = null;
    switch (state) {
      case Connecting ignored -> relay = newRelay;
      case Connected(Established established) -> handOver(established, newRelay);
      case Failed(ResponseFlag flag, Cluster cluster) -> newRelay.notConnected(flag, cluster);
      case Taken ignored -> throw new IllegalStateException("taken over before");
      case Abandoned ignored -> throw new IllegalStateException("abandoned before");
    }
  }

  private void connect(PickedEndpoint picked) {
    attempts++;
    long begun = System.nanoTime();
    connector
        .connect(eventLoop, picked, null)
        .addListener((Future<Channel> done) -> {
          if (done.isSuccess()) {
            connected(new Established(done.getNow(), picked, System.nanoTime() - begun));
          } else {
            notConnected(picked, done.cause());
          }
        });
  }

  private void connected(Established established) {
    if (state instanceof Abandoned) {
      established.picked().finished(established.connectNanos(), Outcome.SUCCESS);
      established.channel().close();
      return;
    }
    if (relay != null) {
      handOver(established, relay);
      return;
    }
    state = new Connected(established);
    established.channel().pipeline().addLast(new Listening());
    established.channel().read();
  }

  private void handOver(Established established, Relay newRelay) {
    state = new Taken();
    Listening listening = established.channel().pipeline().get(Listening.class);
    newRelay.connected(established);
    if (listening != null) {
      // The relay's handler is behind it by now and gets what has arrived before.
      listening.replay();
    }
  }

  private void notConnected(PickedEndpoint picked, Throwable cause) {
    UpstreamConnectException.Reason reason =
        cause instanceof UpstreamConnectException exception
            ? exception.reason()
            : UpstreamConnectException.Reason.OTHER;
    picked.finished(-1, reason.endpointFailed() ? Outcome.CONNECT_FAILURE : Outcome.NEUTRAL);
    tried.add(picked.endpoint().address());
    LOGGER
        .atDebug()
        .addKeyValue("cluster", picked.cluster().name())
        .addKeyValue("endpoint", picked.endpoint().address())
        .addKeyValue("attempt", attempts)
        .addKeyValue("cause", cause.toString())
        .log("no connection to an endpoint");
    if (state instanceof Abandoned) {
      return;
    }
    boolean another = picked.cluster().discovery() != Cluster.Discovery.ORIGINAL_DESTINATION;
    if (another && reason.endpointFailed() && attempts < maxAttempts) {
      open();
      return;
    }
    fail(
        reason == UpstreamConnectException.Reason.OVERFLOW
            ? ResponseFlag.UPSTREAM_OVERFLOW
            : ResponseFlag.UPSTREAM_CONNECTION_FAILURE,
        picked.cluster());
  }

  private void fail(ResponseFlag flag, @Nullable Cluster cluster) {
    state = new Failed(flag, cluster);
    if (relay != null) {
      relay.notConnected(flag, cluster);
    } else if (watcher != null) {
      watcher.failed(flag);
    }
  }

  /** Keeps what the server says while nobody has taken the leg over: one read, not more. */
  private final class Listening extends ChannelInboundHandlerAdapter {
    private final List<Object> messages = new ArrayList<>(1);
    private final List<Object> events = new ArrayList<>(1);
    private @Nullable ChannelHandlerContext context;

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
      context = added;
    }

    @Override
    public void channelRead(ChannelHandlerContext unused, Object message) {
      messages.add(message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext unused) {
      if (!messages.isEmpty()) {
        acted();
      }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext unused, Object event) {
      events.add(event);
      if (event instanceof ChannelInputShutdownEvent || event instanceof SslCloseCompletionEvent) {
        acted();
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext unused) {
      acted();
      releaseMessages();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext from, Throwable cause) {
      LOGGER
          .atDebug()
          .addKeyValue("endpoint", from.channel().remoteAddress())
          .addKeyValue("cause", cause.toString())
          .log("an upstream connection broke before it was used");
      from.close();
    }

    private void acted() {
      Watcher told = watcher;
      watcher = null;
      if (told != null) {
        told.serverActed();
      }
    }

    void replay() {
      ChannelHandlerContext at = context;
      if (at == null || at.isRemoved()) {
        return;
      }
      List<Object> kept = List.copyOf(messages);
      messages.clear();
      kept.forEach(at::fireChannelRead);
      if (!kept.isEmpty()) {
        at.fireChannelReadComplete();
      }
      events.forEach(at::fireUserEventTriggered);
      if (!at.channel().isActive()) {
        at.fireChannelInactive();
      }
      at.pipeline().remove(this);
    }

    private void releaseMessages() {
      if (state instanceof Abandoned) {
        messages.forEach(ReferenceCountUtil::release);
        messages.clear();
      }
    }
  }
}
