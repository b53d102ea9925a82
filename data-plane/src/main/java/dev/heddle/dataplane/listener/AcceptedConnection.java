package dev.heddle.dataplane.listener;

import dev.heddle.dataplane.access.AccessRulesDecision;
import dev.heddle.dataplane.config.DownstreamTls;
import dev.heddle.dataplane.config.FilterChain;
import dev.heddle.dataplane.config.Listener;
import dev.heddle.dataplane.config.ProxyProtocol;
import dev.heddle.dataplane.config.TerminalFilter;
import dev.heddle.dataplane.config.TlsCertificate;
import dev.heddle.dataplane.config.TrafficDirection;
import dev.heddle.dataplane.connection.ConnectionContext;
import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.detection.Detection;
import dev.heddle.dataplane.detection.ProtocolDetector;
import dev.heddle.dataplane.detection.ProxyProtocolParser;
import dev.heddle.dataplane.discovery.Discovered;
import dev.heddle.dataplane.lifecycle.DrainNotice;
import dev.heddle.dataplane.lifecycle.PressureNotice;
import dev.heddle.dataplane.listener.ConnectionState.Accepted;
import dev.heddle.dataplane.listener.ConnectionState.Closed;
import dev.heddle.dataplane.listener.ConnectionState.Detecting;
import dev.heddle.dataplane.listener.ConnectionState.Discovering;
import dev.heddle.dataplane.listener.ConnectionState.Established;
import dev.heddle.dataplane.listener.ConnectionState.Preamble;
import dev.heddle.dataplane.listener.ConnectionState.Recognizing;
import dev.heddle.dataplane.listener.ConnectionState.Securing;
import dev.heddle.dataplane.listener.ConnectionState.Speculating;
import dev.heddle.dataplane.listener.FilterChainMatcher.Criteria;
import dev.heddle.dataplane.tcp.UpstreamLeg;
import dev.heddle.dataplane.telemetry.ResponseFlag;
import dev.heddle.dataplane.tls.NoCertificateException;
import dev.heddle.dataplane.tls.TlsConnection;
import dev.heddle.dataplane.tls.TlsPeer;
import dev.heddle.dataplane.transport.OriginalDestination;
import dev.heddle.dataplane.transport.PerEventLoop;
import dev.heddle.dataplane.transport.Transport;
import dev.heddle.meshapi.identity.SpiffeId;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetSocketAddress;
import java.security.cert.CertificateParsingException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Brings one accepted connection to its terminal filter; the states are drawn in {@link
 * ConnectionState}. Sits at the end of the pipeline until then. Runs on the connection's event
 * loop.
 */
final class AcceptedConnection extends ChannelInboundHandlerAdapter {
  private static final Logger LOGGER = LoggerFactory.getLogger(AcceptedConnection.class);

  private final long acceptedNanos = System.nanoTime();
  private final String listenerName;
  private final ConnectionServices services;
  private final OwnAddresses ownAddresses;
  private final KnownPeers knownPeers;
  private final PerEventLoop<HandshakeLimit> handshakes;
  private final ChainLimits chainLimits;
  private final AdmittedStreams admittedStreams;
  private final Channel channel;

  private ConnectionState state = new Accepted();
  private ByteBuf received = Unpooled.EMPTY_BUFFER;
  private InetSocketAddress source = InetSocketAddress.createUnresolved("unknown", 0);
  private InetSocketAddress directSource = source;
  private InetSocketAddress destination = source;
  private boolean clientEnded;
  private boolean clientStarted;
  private @Nullable ScheduledFuture<?> timer;

  AcceptedConnection(
      String listenerName,
      ConnectionServices services,
      OwnAddresses ownAddresses,
      KnownPeers knownPeers,
      PerEventLoop<HandshakeLimit> handshakes,
      ChainLimits chainLimits,
      AdmittedStreams admittedStreams,
      Channel channel) {
    this.listenerName = listenerName;
    this.services = services;
    this.ownAddresses = ownAddresses;
    this.knownPeers = knownPeers;
    this.handshakes = handshakes;
    this.chainLimits = chainLimits;
    this.admittedStreams = admittedStreams;
    this.channel = channel;
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    services.metrics().accepted();
    Listener listener = services.configuration().current().listeners().get(listenerName);
    if (listener == null || !(channel.remoteAddress() instanceof InetSocketAddress remote)) {
      // Either the listener has just gone, or the client has.
      close(CloseReason.LISTENER_REMOVED, "its listener is gone");
      return;
    }
    source = remote;
    directSource = remote;
    InetSocketAddress local = (InetSocketAddress) channel.localAddress();
    destination = listener.useOriginalDestination() ? OriginalDestination.of(channel) : local;
    ProxyProtocol preamble = listener.proxyProtocol();
    if (preamble == null) {
      find(listener);
    } else {
      state = new Preamble(listener, preamble);
      schedule(
          services.settings().detectionTimeout(),
          () -> close(CloseReason.PROXY_PROTOCOL, "its header did not come in time"));
      channel.read();
    }
  }

  // Preamble

  private void readPreamble(Listener listener, ProxyProtocol settings) {
    switch (ProxyProtocolParser.parse(received, settings)) {
      case ProxyProtocolParser.Result.Incomplete() -> {
        if (clientEnded) {
          close(CloseReason.PROXY_PROTOCOL, "the client ended within its header");
        } else {
          channel.read();
        }
      }
      case ProxyProtocolParser.Result.Malformed(String reason) ->
          close(CloseReason.PROXY_PROTOCOL, reason);
      case ProxyProtocolParser.Result.Absent() -> {
        cancelTimer();
        find(listener);
      }
      case ProxyProtocolParser.Result.Header(
              int length,
              InetSocketAddress from,
              InetSocketAddress to) -> {
        cancelTimer();
        received.skipBytes(length);
        if (from != null && to != null) {
          source = from;
          destination = to;
        }
        find(listener);
      }
    }
  }

  private void find(Listener listener) {
    InetSocketAddress local = (InetSocketAddress) channel.localAddress();
    if (listener.useOriginalDestination()
        && ownAddresses.contains(destination, local.getAddress())) {
      close(CloseReason.REDIRECT_LOOP, "it leads to this proxy itself");
    } else if (listener.useOriginalDestination()
        && listener.direction() != TrafficDirection.INBOUND) {
      discover(listener);
    } else {
      detect(listener);
    }
  }

  // Discovering

  private void discover(Listener capturing) {
    state = new Discovering();
    services.discovery().discover(destination, found -> onLoop(() -> discovered(capturing, found)));
  }

  private void discovered(Listener capturing, Discovered answer) {
    switch (answer) {
      case Discovered.Found(Listener listener, Discovered.Lease lease) -> {
        channel.closeFuture().addListener(closed -> lease.close());
        proceed(listener);
      }
      case Discovered.NotInMesh ignored -> proceed(capturing);
      case Discovered.Unavailable(String reason) -> {
        services.metrics().undiscovered();
        LOGGER
            .atDebug()
            .addKeyValue("destination", destination)
            .addKeyValue("reason", reason)
            .log("passed through undiscovered");
        proceed(capturing);
      }
    }
  }

  private void proceed(Listener listener) {
    if (state instanceof Discovering) {
      detect(listener);
    }
  }

  // Detecting

  private void detect(Listener listener) {
    if (!listener.detectTls() && !listener.detectHttp()) {
      choose(listener, new Detection.Undecided());
      return;
    }
    state = new Detecting(listener);
    FilterChain raw = FilterChainMatcher.match(listener, Criteria.raw(destination.getPort()));
    if (raw != null
        && raw.tls() == null
        && raw.terminalFilter() instanceof TerminalFilter.TcpProxy filter) {
      schedule(services.settings().speculationDelay(), () -> speculate(listener, raw, filter));
    } else {
      schedule(
          services.settings().silenceTimeout(),
          () -> close(CloseReason.SILENT, "the client said nothing"));
    }
    // Something may have come while the destination was looked up.
    if (received.isReadable() || clientEnded) {
      decide();
    } else {
      channel.read();
    }
  }

  // Speculating

  private void speculate(Listener listener, FilterChain chain, TerminalFilter.TcpProxy filter) {
    if (AccessRulesDecision.denial(chain.access(), plaintext(listener, chain), null) != null) {
      // Nothing is opened towards a server for who may not reach it; HTTP may still be allowed.
      state = new Speculating(listener, chain, filter, null);
      scheduleSilence();
      return;
    }
    UpstreamLeg leg = services.tcpProxy().open(channel.eventLoop(), source, destination, filter);
    state = new Speculating(listener, chain, filter, leg);
    scheduleSilence();
    leg.watch(
        new UpstreamLeg.Watcher() {
          @Override
          public void serverActed() {
            serverFirst(listener, chain, filter, leg);
          }

          @Override
          public void failed(ResponseFlag flag) {
            speculationFailed(listener, chain, filter);
          }
        });
  }

  private void serverFirst(
      Listener listener, FilterChain chain, TerminalFilter.TcpProxy filter, UpstreamLeg leg) {
    if (!(state instanceof Speculating)) {
      return;
    }
    if (!mayBeginTls(listener)) {
      services.metrics().serverFirst();
      establishTcp(plaintext(listener, chain), null, filter, leg);
      return;
    }
    Duration patience =
        switch (knownPeers.of(source.getAddress())) {
          case MESH -> services.settings().detectionTimeout();
          case UNKNOWN -> services.settings().helloGrace();
          case PLAINTEXT -> Duration.ZERO;
        };
    schedule(
        patience,
        () -> {
          services.metrics().serverFirst();
          knownPeers.saw(source.getAddress(), KnownPeers.Manner.PLAINTEXT);
          channel.pipeline().addFirst(lateHello(listener));
          establishTcp(plaintext(listener, chain), null, filter, leg);
        });
  }

  /** Whoever has not come to the point by now does not keep others out. */
  private void makeRoom() {
    if (System.nanoTime() - acceptedNanos < PressureNotice.PATIENCE_NANOS) {
      return;
    }
    switch (state) {
      case Preamble _, Detecting _, Speculating _, Recognizing _, Securing _ ->
          close(CloseReason.MADE_ROOM, "the client had not said what it wants");
      case Accepted _, Discovering _, Established _, Closed _ -> {}
    }
  }

  private static boolean mayBeginTls(Listener listener) {
    return listener.detectTls()
        && listener.filterChains().stream().anyMatch(chain -> chain.tls() != null);
  }

  /** The peer's proxy tries again, and is waited for then. */
  private LateHello lateHello(Listener listener) {
    return new LateHello(
        hello -> {
          FilterChain chain = FilterChainMatcher.match(listener, criteria(hello));
          return chain != null && chain.tls() != null;
        },
        () -> {
          knownPeers.saw(source.getAddress(), KnownPeers.Manner.MESH);
          services.metrics().closed(CloseReason.LATE_HELLO);
          Transport.reset(channel);
        });
  }

  /** HTTP would get an answer that says why; so the client has a moment to say that it is HTTP. */
  private void speculationFailed(
      Listener listener, FilterChain chain, TerminalFilter.TcpProxy filter) {
    if (state instanceof Speculating) {
      state = new Speculating(listener, chain, filter, null);
      schedule(
          services.settings().detectionTimeout(),
          () -> close(CloseReason.NO_UPSTREAM, "no server can be reached"));
    }
  }

  private void scheduleSilence() {
    schedule(
        services.settings().silenceTimeout(),
        () -> close(CloseReason.SILENT, "neither side said anything"));
  }

  // What arrives

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    if (!received.isReadable()) {
      received.release();
      received = bytes;
    } else {
      // Rarely more than two small pieces: a copy is simpler than a composite.
      ByteBuf joined = channel.alloc().buffer(received.readableBytes() + bytes.readableBytes());
      joined.writeBytes(received).writeBytes(bytes);
      received.release();
      bytes.release();
      received = joined;
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    decide();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    switch (event) {
      case ChannelInputShutdownEvent ignored -> {
        clientEnded = true;
        decide();
      }
      case SslHandshakeCompletionEvent completed -> secured(completed);
      case PressureNotice ignored -> makeRoom();
      default -> {}
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    end();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (state instanceof Securing) {
      return; // The handshake's completion event tells of it.
    }
    LOGGER
        .atDebug()
        .addKeyValue("listener", listenerName)
        .addKeyValue("source", source)
        .addKeyValue("cause", cause.toString())
        .log("a connection broke before it was served");
    end();
    channel.close();
  }

  private void decide() {
    switch (state) {
      case Preamble(Listener listener, ProxyProtocol settings) -> readPreamble(listener, settings);
      case Detecting(Listener listener) -> decide(listener);
      case Speculating speculating -> decide(speculating.listener());
      case Recognizing recognizing -> recognize(recognizing);
      case Accepted ignored -> {}
      case Discovering ignored -> {}
      case Securing ignored -> {}
      case Established ignored -> {}
      case Closed ignored -> {}
    }
  }

  private void decide(Listener listener) {
    if (!received.isReadable() && !clientEnded) {
      channel.read();
      return;
    }
    Detection detection =
        new ProtocolDetector(listener.detectTls(), listener.detectHttp()).detect(received);
    if (detection instanceof Detection.Undecided && !clientEnded) {
      if (!clientStarted) {
        clientStarted = true;
        schedule(services.settings().detectionTimeout(), () -> choose(listener, detection));
      }
      channel.read();
      return;
    }
    choose(listener, detection);
  }

  // The chain

  /**
   * Goes on with what matches.
   *
   * @param detection if undecided, the connection is taken for a raw one
   */
  private void choose(Listener listener, Detection detection) {
    cancelTimer();
    String serverName = serverName(listener, detection);
    Criteria criteria = criteria(detection);
    FilterChain chain = FilterChainMatcher.match(listener, criteria);
    if (chain == null) {
      close(CloseReason.NO_FILTER_CHAIN, "no filter chain matches " + criteria);
    } else if (chain.tls() != null) {
      abandonLeg();
      secure(listener, chain, chain.tls(), serverName);
    } else {
      serve(plaintext(listener, chain), serverName, protocol(detection));
    }
  }

  /** Empty if the client asks for none, null if it may ask for one that nobody can see. */
  private @Nullable String serverName(Listener listener, Detection detection) {
    return switch (detection) {
      case Detection.Tls(var hello) -> hello.serverName() == null ? "" : hello.serverName();
      case Detection.Http1 _, Detection.Http2 _, Detection.Raw _ ->
          listener.detectTls() && !ProtocolDetector.beginsAsTls(received) ? "" : null;
      case Detection.Undecided _ -> null;
    };
  }

  private Criteria criteria(Detection detection) {
    int port = destination.getPort();
    return switch (detection) {
      case Detection.Tls(var hello) ->
          new Criteria(
              port,
              hello.serverName() == null ? "" : hello.serverName(),
              FilterChainMatcher.TLS,
              hello.applicationProtocols());
      case Detection.Http1(String version) ->
          new Criteria(port, "", FilterChainMatcher.RAW_BUFFER, List.of(version));
      case Detection.Http2 ignored ->
          new Criteria(port, "", FilterChainMatcher.RAW_BUFFER, List.of("h2c"));
      case Detection.Undecided ignored -> Criteria.raw(port);
      case Detection.Raw ignored -> Criteria.raw(port);
    };
  }

  private static @Nullable HttpProtocol protocol(Detection detection) {
    return switch (detection) {
      case Detection.Http1 ignored -> HttpProtocol.HTTP1;
      case Detection.Http2 ignored -> HttpProtocol.HTTP2;
      case Detection.Tls ignored -> null;
      case Detection.Undecided ignored -> null;
      case Detection.Raw ignored -> null;
    };
  }

  // Securing

  private void secure(
      Listener listener, FilterChain chain, DownstreamTls tls, @Nullable String serverName) {
    TlsConnection connection;
    try {
      connection = services.tlsContexts().of(channel.eventLoop()).server(channel.alloc(), tls);
    } catch (NoCertificateException e) {
      close(CloseReason.NO_CERTIFICATE, e.getMessage());
      return;
    } catch (SSLException | RuntimeException e) {
      close(CloseReason.TLS_HANDSHAKE, "TLS cannot be configured: " + e);
      return;
    }
    SslHandler handler = connection.handler();
    state = new Securing(listener, chain, connection, serverName);
    HandshakeLimit limit = handshakes.of(channel.eventLoop());
    HandshakeLimit.Handshake handshake =
        () -> close(CloseReason.HANDSHAKE_LIMIT, "too many handshakes are under way");
    limit.begin(handshake);
    handler.handshakeFuture().addListener(done -> limit.ended(handshake));
    ByteBuf hello = received;
    received = Unpooled.EMPTY_BUFFER;
    channel.pipeline().addFirst(handler);
    channel.pipeline().fireChannelRead(hello);
    channel.pipeline().fireChannelReadComplete();
    channel.read();
  }

  private void secured(SslHandshakeCompletionEvent completed) {
    if (!(state
        instanceof
        Securing(
            Listener listener,
            FilterChain chain,
            TlsConnection tls,
            @Nullable String serverName))) {
      return;
    }
    if (!completed.isSuccess()) {
      close(CloseReason.TLS_HANDSHAKE, "the TLS handshake failed: " + completed.cause());
      return;
    }
    try {
      tls.verifyPeer();
    } catch (SSLHandshakeException e) {
      close(CloseReason.TLS_HANDSHAKE, "the peer is not to be trusted: " + e.getMessage());
      return;
    }
    SpiffeId peer = TlsPeer.identity(tls.handler());
    knownPeers.saw(source.getAddress(), KnownPeers.Manner.MESH);
    boolean mutual =
        peer != null
            && chain.tls() != null
            && chain.tls().certificate() instanceof TlsCertificate.Workload;
    List<String> principals;
    try {
      // A workload of the mesh has one name, and other certificates may have any.
      principals =
          mutual && peer != null ? List.of(peer.toString()) : TlsPeer.principals(tls.handler());
    } catch (CertificateParsingException e) {
      close(CloseReason.TLS_HANDSHAKE, "the peer's names cannot be read: " + e.getMessage());
      return;
    }
    serve(
        context(listener, chain, peer, principals, mutual), serverName, negotiated(tls.handler()));
  }

  private static @Nullable HttpProtocol negotiated(SslHandler handler) {
    String name = handler.applicationProtocol();
    return switch (name) {
      case "h2" -> HttpProtocol.HTTP2;
      case "http/1.1", "http/1.0" -> HttpProtocol.HTTP1;
      case null, default -> null;
    };
  }

  // Serving

  private void serve(
      ConnectionContext context, @Nullable String serverName, @Nullable HttpProtocol protocol) {
    FilterChain chain = context.filterChain();
    String denial = AccessRulesDecision.denial(chain.access(), context, serverName);
    if (denial != null) {
      close(
          CloseReason.ACCESS_DENIED,
          denial + ", chain " + chain.name() + ", client " + context.principals());
      return;
    }
    if (chain.maxConnections() > 0 && !chainLimits.admit(context.listener(), chain, channel)) {
      close(
          CloseReason.CHAIN_CONNECTION_LIMIT,
          "chain " + chain.name() + " has " + chain.maxConnections() + " connections already");
      return;
    }
    switch (chain.terminalFilter()) {
      case TerminalFilter.TcpProxy filter -> {
        UpstreamLeg leg =
            state instanceof Speculating speculating && speculating.filter().equals(filter)
                ? speculating.leg()
                : null;
        if (leg == null) {
          abandonLeg();
        }
        establishTcp(context, serverName, filter, leg);
      }
      case TerminalFilter.HttpConnectionManager filter -> {
        abandonLeg();
        switch (filter.codec()) {
          case HTTP1 -> establishHttp(context, filter, HttpProtocol.HTTP1);
          case HTTP2 -> establishHttp(context, filter, HttpProtocol.HTTP2);
          case AUTO -> {
            if (protocol != null) {
              establishHttp(context, filter, protocol);
            } else {
              Recognizing recognizing = new Recognizing(context, filter);
              state = recognizing;
              scheduleSilence();
              recognize(recognizing);
            }
          }
        }
      }
    }
  }

  /** HTTP/2 if it begins with the preface; HTTP/1 refuses what is neither. */
  private void recognize(Recognizing at) {
    if (received.isReadable() || clientEnded) {
      Detection detection = new ProtocolDetector(false, true).detect(received);
      boolean open =
          detection instanceof Detection.Undecided
              && received.getByte(received.readerIndex()) == 'P'
              && !clientEnded;
      if (!open) {
        establishHttp(
            at.context(),
            at.filter(),
            detection instanceof Detection.Http2 ? HttpProtocol.HTTP2 : HttpProtocol.HTTP1);
        return;
      }
    }
    channel.read();
  }

  private void establishHttp(
      ConnectionContext context,
      TerminalFilter.HttpConnectionManager filter,
      HttpProtocol protocol) {
    channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false);
    establish(() -> services.http().http(channel, context, filter, protocol));
  }

  private void establishTcp(
      ConnectionContext context,
      @Nullable String serverName,
      TerminalFilter.TcpProxy filter,
      @Nullable UpstreamLeg leg) {
    establish(() -> {
      if (leg == null) {
        services.tcpProxy().relay(channel, context, filter);
      } else {
        services.tcpProxy().relay(channel, context, filter, leg);
      }
    });
    if (context.direction() != TrafficDirection.OUTBOUND) {
      admittedStreams.add(channel, context, serverName, services.configuration());
    }
  }

  /** Leaves the pipeline to a terminal filter, and gives it all that has happened so far. */
  private void establish(Runnable handover) {
    cancelTimer();
    state = new Established();
    ChannelPipeline pipeline = channel.pipeline();
    ByteBuf bytes = received;
    received = Unpooled.EMPTY_BUFFER;
    ChannelHandlerContext self = pipeline.context(this);
    handover.run();
    // From here, so that TLS in front does not take them for records.
    if (bytes.isReadable()) {
      self.fireChannelRead(bytes);
      self.fireChannelReadComplete();
    } else {
      bytes.release();
    }
    if (clientEnded) {
      self.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    }
    if (services.connections().draining()) {
      self.fireUserEventTriggered(DrainNotice.INSTANCE);
    }
    if (!self.isRemoved()) {
      pipeline.remove(this);
    }
  }

  private ConnectionContext plaintext(Listener listener, FilterChain chain) {
    return context(listener, chain, null, List.of(), false);
  }

  private ConnectionContext context(
      Listener listener,
      FilterChain chain,
      @Nullable SpiffeId peer,
      List<String> principals,
      boolean mutualTls) {
    return new ConnectionContext(
        listener, chain, source, directSource, destination, peer, principals, mutualTls);
  }

  // Ending

  private void close(CloseReason reason, @Nullable String detail) {
    end();
    services.metrics().closed(reason);
    LOGGER
        .atLevel(reason == CloseReason.NO_CERTIFICATE ? Level.WARN : Level.DEBUG)
        .addKeyValue("listener", listenerName)
        .addKeyValue("source", source)
        .addKeyValue("destination", destination)
        .addKeyValue("reason", reason.label())
        .addKeyValue("detail", detail)
        .log("closed a connection");
    if (channel.pipeline().get(SslHandler.class) == null) {
      Transport.reset(channel);
    } else {
      // Lets the alert that says why reach the client.
      channel.close();
    }
  }

  private void end() {
    if (state instanceof Established) {
      return;
    }
    cancelTimer();
    abandonLeg();
    state = new Closed();
    received.release();
    received = Unpooled.EMPTY_BUFFER;
  }

  private void abandonLeg() {
    if (state instanceof Speculating speculating && speculating.leg() != null) {
      speculating.leg().abandon();
    }
  }

  private void schedule(Duration delay, Runnable task) {
    cancelTimer();
    timer = channel.eventLoop().schedule(guarded(task), delay.toNanos(), TimeUnit.NANOSECONDS);
  }

  private void cancelTimer() {
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
  }

  private void onLoop(Runnable task) {
    if (channel.eventLoop().inEventLoop()) {
      task.run();
    } else {
      channel.eventLoop().execute(guarded(task));
    }
  }

  /** A failure outside of the pipeline must end the connection like one inside. */
  private Runnable guarded(Runnable task) {
    return () -> {
      try {
        task.run();
      } catch (RuntimeException e) {
        LOGGER
            .atError()
            .setCause(e)
            .addKeyValue("listener", listenerName)
            .log("a connection could not be served");
        close(CloseReason.INTERNAL_ERROR, e.toString());
      }
    };
  }
}
