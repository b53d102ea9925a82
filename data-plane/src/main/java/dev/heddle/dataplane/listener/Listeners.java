package dev.heddle.dataplane.listener;

import dev.heddle.dataplane.config.Listener;
import dev.heddle.dataplane.config.ProxyConfiguration;
import dev.heddle.dataplane.transport.PerEventLoop;
import dev.heddle.dataplane.transport.Transport;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listening sockets. They follow the configuration: a listener that comes is bound, one that
 * goes is closed while its connections go on. One that changes needs nothing but that streams are
 * asked about again which were let through before: every connection looks up its listener when it
 * is accepted. Callable on any thread.
 */
public final class Listeners {
  private static final Logger LOGGER = LoggerFactory.getLogger(Listeners.class);
  private static final long BIND_RETRY_SECONDS = 1;

  /** Some 100 bytes each. */
  private static final int KNOWN_PEERS = 4096;

  private final Transport transport;
  private final ConnectionServices services;
  private final OwnAddresses ownAddresses;
  private final KnownPeers knownPeers = new KnownPeers(KNOWN_PEERS);
  private final PerEventLoop<HandshakeLimit> handshakes;
  private final ChainLimits chainLimits = new ChainLimits();
  private final AdmittedStreams admittedStreams;
  private final Map<String, Bound> bound = new HashMap<>();
  private boolean stopped;

  /**
   * @param ownPod whether an address is this pod's own
   */
  public Listeners(
      Transport transport, ConnectionServices services, Predicate<InetAddress> ownPod) {
    this.transport = transport;
    this.services = services;
    this.admittedStreams = new AdmittedStreams(services.metrics());
    this.ownAddresses = new OwnAddresses(ownPod);
    this.handshakes =
        new PerEventLoop<>(
            transport.eventLoops(),
            loop -> new HandshakeLimit(services.tlsSettings().maxHandshakes()));
  }

  /**
   * Binds and closes sockets so that they are those of the configuration. Returns before they are.
   */
  public synchronized void apply(ProxyConfiguration configuration) {
    if (stopped) {
      return;
    }
    for (Iterator<Map.Entry<String, Bound>> entries = bound.entrySet().iterator();
        entries.hasNext(); ) {
      Map.Entry<String, Bound> entry = entries.next();
      Listener now = configuration.listeners().get(entry.getKey());
      if (now == null || !now.bindToPort() || !now.address().equals(entry.getValue().configured)) {
        entries.remove();
        entry.getValue().close();
      }
    }
    for (Listener listener : configuration.listeners().values()) {
      if (listener.bindToPort() && !bound.containsKey(listener.name())) {
        Bound socket = new Bound(listener);
        bound.put(listener.name(), socket);
        socket.bind();
      }
    }
    admittedStreams.review(configuration);
  }

  /** Whether every listener of the configuration that should have a socket has it. */
  public synchronized boolean allBound() {
    return bound.values().stream().allMatch(socket -> socket.channel != null);
  }

  /** Where a listener is bound; null while it is not. */
  public synchronized @Nullable InetSocketAddress address(String listener) {
    Bound socket = bound.get(listener);
    return socket == null || socket.channel == null
        ? null
        : (InetSocketAddress) socket.channel.localAddress();
  }

  /** Closes all listening sockets, for good; connections go on. */
  public synchronized void stopAccepting() {
    stopped = true;
    bound.values().forEach(Bound::close);
    bound.clear();
  }

  private synchronized void boundTo(Bound socket, Channel channel) {
    if (socket.closed) {
      channel.close();
      return;
    }
    socket.channel = channel;
    InetSocketAddress address = (InetSocketAddress) channel.localAddress();
    ownAddresses.bound(address.getPort());
    LOGGER
        .atInfo()
        .addKeyValue("listener", socket.name)
        .addKeyValue("address", address)
        .log("listening");
  }

  private synchronized void retryLater(Bound socket, InetSocketAddress address, Throwable cause) {
    services.metrics().bindFailed();
    LOGGER
        .atError()
        .addKeyValue("listener", socket.name)
        .addKeyValue("address", address)
        .addKeyValue("cause", cause.toString())
        .addKeyValue("retrySeconds", BIND_RETRY_SECONDS)
        .log("cannot listen");
    transport
        .eventLoops()
        .next()
        .schedule(
            () -> {
              synchronized (this) {
                if (!socket.closed) {
                  socket.bind();
                }
              }
            },
            BIND_RETRY_SECONDS,
            TimeUnit.SECONDS);
  }

  /** One listening socket, or the wish for one. */
  private final class Bound {
    private final String name;
    private final InetSocketAddress configured;
    private final boolean captures;
    private @Nullable Channel channel;
    private boolean closed;

    Bound(Listener listener) {
      this.name = listener.name();
      this.configured = listener.address();
      this.captures = listener.useOriginalDestination();
    }

    void bind() {
      InetSocketAddress both = captures ? bothFamilies(configured) : null;
      if (both == null) {
        bind(configured, null);
      } else {
        bind(both, configured);
      }
    }

    private void bind(InetSocketAddress address, @Nullable InetSocketAddress otherwise) {
      ChannelFuture binding =
          transport.listen(
              address,
              new Accepting(),
              new Initializer(
                  name,
                  services,
                  ownAddresses,
                  knownPeers,
                  handshakes,
                  chainLimits,
                  admittedStreams));
      binding.addListener(done -> {
        if (done.isSuccess()) {
          boundTo(this, binding.channel());
        } else if (otherwise != null) {
          LOGGER
              .atInfo()
              .addKeyValue("listener", name)
              .addKeyValue("cause", String.valueOf(done.cause()))
              .log("no socket for both IP families, trying IPv4 alone");
          bind(otherwise, null);
        } else {
          retryLater(this, address, done.cause());
        }
      });
    }

    void close() {
      closed = true;
      if (channel != null) {
        ownAddresses.unbound(((InetSocketAddress) channel.localAddress()).getPort());
        channel.close();
      }
    }
  }

  /**
   * What redirects to {@code 0.0.0.0} in a pod redirects IPv6 to the same port: one dual-stack
   * socket takes both.
   */
  private static @Nullable InetSocketAddress bothFamilies(InetSocketAddress address) {
    if (!address.getAddress().isAnyLocalAddress()
        || address.getAddress().getAddress().length != 4) {
      return null;
    }
    try {
      return new InetSocketAddress(InetAddress.getByAddress(new byte[16]), address.getPort());
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address of 16 bytes", e);
    }
  }

  /**
   * Guards a listening socket. After a failure to accept, such as too many open files, Netty's own
   * acceptor stops accepting for a second.
   */
  private final class Accepting extends ChannelInboundHandlerAdapter {
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      services.metrics().acceptFailed();
      LOGGER
          .atWarn()
          .addKeyValue("address", context.channel().localAddress())
          .addKeyValue("cause", cause.toString())
          .log("could not accept a connection");
      context.fireExceptionCaught(cause);
    }
  }

  /** Begins a connection. */
  @Sharable
  private static final class Initializer extends ChannelInitializer<Channel> {
    private final String listener;
    private final ConnectionServices services;
    private final OwnAddresses ownAddresses;
    private final KnownPeers knownPeers;
    private final PerEventLoop<HandshakeLimit> handshakes;
    private final ChainLimits chainLimits;
    private final AdmittedStreams admittedStreams;

    Initializer(
        String listener,
        ConnectionServices services,
        OwnAddresses ownAddresses,
        KnownPeers knownPeers,
        PerEventLoop<HandshakeLimit> handshakes,
        ChainLimits chainLimits,
        AdmittedStreams admittedStreams) {
      this.listener = listener;
      this.services = services;
      this.ownAddresses = ownAddresses;
      this.knownPeers = knownPeers;
      this.handshakes = handshakes;
      this.chainLimits = chainLimits;
      this.admittedStreams = admittedStreams;
    }

    @Override
    protected void initChannel(Channel channel) {
      if (services.memory().isOut()) {
        services.metrics().closed(CloseReason.MEMORY_LIMIT);
        Transport.reset(channel);
        return;
      }
      if (!services.connections().admit(channel)) {
        services.metrics().closed(CloseReason.CONNECTION_LIMIT);
        Transport.reset(channel);
        return;
      }
      channel
          .pipeline()
          .addLast(
              new AcceptedConnection(
                  listener,
                  services,
                  ownAddresses,
                  knownPeers,
                  handshakes,
                  chainLimits,
                  admittedStreams,
                  channel));
    }
  }
}
