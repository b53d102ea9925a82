package dev.heddle.dataplane.transport;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * The event loops and every socket of the data path, with their options. Listening sockets and
 * their connections run on the same loops; a connection stays on one loop for life, and so do the
 * upstream connections that serve it.
 */
public final class Transport implements AutoCloseable {
  /** IPV6_V6ONLY of ipv6(7), which Netty has no constant for. */
  private static final ChannelOption<Integer> IPV6_V6ONLY =
      new IntegerUnixChannelOption("HEDDLE_IPV6_V6ONLY", 41, 26);

  private static final int PAGE_BYTES = 8192;
  private static final int CHUNK_ORDER = 6;

  private final SocketFactory sockets;
  private final SocketSettings settings;
  private final EventLoopGroup eventLoops;
  private final ByteBufAllocator allocator;
  private final RecvByteBufAllocator reads = new BulkReads();

  private Transport(SocketFactory sockets, SocketSettings settings, int concurrency) {
    this.sockets = sockets;
    this.settings = settings;
    this.eventLoops =
        new MultiThreadIoEventLoopGroup(
            concurrency, new DefaultThreadFactory("heddle-loop"), sockets.ioHandlers());
    this.allocator = allocator(concurrency);
  }

  /**
   * Starts the event loops.
   *
   * @param concurrency how many, at least 1
   */
  public static Transport open(int concurrency, SocketSettings settings) {
    if (concurrency < 1) {
      throw new IllegalArgumentException("concurrency: " + concurrency + " (expected: >= 1)");
    }
    return new Transport(SocketFactory.best(), settings, concurrency);
  }

  public EventLoopGroup eventLoops() {
    return eventLoops;
  }

  /** Where buffers of connections come from. */
  public ByteBufAllocator allocator() {
    return allocator;
  }

  /**
   * Binds a listening socket. Connections come with auto-read off and half-closure on.
   *
   * @param listening handles the listening socket itself: connections before they are registered,
   *     and failures to accept
   * @param accepted handles each connection
   */
  public ChannelFuture listen(
      InetSocketAddress address, ChannelHandler listening, ChannelHandler accepted) {
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(eventLoops)
            .channelFactory(sockets::serverSocket)
            .option(ChannelOption.SO_BACKLOG, settings.backlog())
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.ALLOCATOR, allocator)
            .childOption(ChannelOption.RECVBUF_ALLOCATOR, reads)
            .childOption(ChannelOption.AUTO_READ, false)
            .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.SO_KEEPALIVE, true)
            .handler(listening)
            .childHandler(accepted);
    if (sockets instanceof SocketFactory.EpollSockets) {
      if (address.getAddress() instanceof Inet6Address wildcard && wildcard.isAnyLocalAddress()) {
        // Whatever net.ipv6.bindv6only says: one socket for both families.
        bootstrap.option(IPV6_V6ONLY, 0);
      }
      bootstrap
          .childOption(EpollChannelOption.TCP_KEEPIDLE, seconds(settings.keepAliveIdle()))
          .childOption(EpollChannelOption.TCP_KEEPINTVL, seconds(settings.keepAliveInterval()))
          .childOption(EpollChannelOption.TCP_KEEPCNT, settings.keepAliveProbes())
          .childOption(EpollChannelOption.TCP_USER_TIMEOUT, millis(settings.userTimeout()));
    }
    return bootstrap.bind(address);
  }

  /**
   * Connects on the given loop. The connection has auto-read off.
   *
   * @param address resolved
   * @param timeout bound on the TCP handshake
   * @param halfClosure whether the end of what the peer sends leaves the other direction open
   */
  public ChannelFuture connect(
      EventLoop eventLoop,
      InetSocketAddress address,
      Duration timeout,
      boolean halfClosure,
      ChannelHandler handler) {
    Bootstrap bootstrap =
        new Bootstrap()
            .group(eventLoop)
            .channelFactory(sockets::socket)
            .disableResolver()
            .option(ChannelOption.ALLOCATOR, allocator)
            .option(ChannelOption.RECVBUF_ALLOCATOR, reads)
            .option(ChannelOption.AUTO_READ, false)
            .option(ChannelOption.ALLOW_HALF_CLOSURE, halfClosure)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.SO_KEEPALIVE, true)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, millis(timeout))
            .handler(handler);
    if (sockets instanceof SocketFactory.EpollSockets) {
      bootstrap
          .option(EpollChannelOption.TCP_KEEPIDLE, seconds(settings.keepAliveIdle()))
          .option(EpollChannelOption.TCP_KEEPINTVL, seconds(settings.keepAliveInterval()))
          .option(EpollChannelOption.TCP_KEEPCNT, settings.keepAliveProbes())
          .option(EpollChannelOption.TCP_USER_TIMEOUT, millis(settings.userTimeout()));
    }
    return bootstrap.connect(address);
  }

  /**
   * Closes so that the peer sees a reset, not an orderly end. Called on the channel's event loop.
   */
  public static void reset(Channel channel) {
    if (channel.isOpen()) {
      channel.config().setOption(ChannelOption.SO_LINGER, 0);
      // Past the pipeline, where TLS would say an orderly goodbye first.
      channel.unsafe().close(channel.voidPromise());
    }
  }

  /** Ends the event loops; what is still open is cut. */
  @Override
  public void close() {
    eventLoops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
  }

  /**
   * One direct arena per loop and small chunks: a sidecar holds few buffers at a time, and Netty's
   * own defaults begin at megabytes.
   */
  private static ByteBufAllocator allocator(int concurrency) {
    return new PooledByteBufAllocator(true, 1, concurrency, PAGE_BYTES, CHUNK_ORDER, 64, 32, true);
  }

  private static int seconds(Duration duration) {
    return Math.toIntExact(Math.max(1, duration.toSeconds()));
  }

  private static int millis(Duration duration) {
    return Math.clamp(duration.toMillis(), 1, Integer.MAX_VALUE);
  }
}
