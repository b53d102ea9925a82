package dev.heddle.dataplane.upstream;

import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.config.UpstreamTls;
import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.tls.IdentityMismatchException;
import dev.heddle.dataplane.tls.NoCertificateException;
import dev.heddle.dataplane.tls.TlsConnection;
import dev.heddle.dataplane.tls.TlsContexts;
import dev.heddle.dataplane.transport.PerEventLoop;
import dev.heddle.dataplane.transport.Transport;
import dev.heddle.dataplane.upstream.UpstreamConnectException.Reason;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/**
 * Connects through {@link Transport} and counts connections against their cluster's limit. For HTTP
 * the pool has decided already whether there may be another one.
 */
public final class NettyUpstreamConnector implements UpstreamConnector {
  private final Transport transport;
  private final PerEventLoop<TlsContexts> tlsContexts;

  public NettyUpstreamConnector(Transport transport, PerEventLoop<TlsContexts> tlsContexts) {
    this.transport = transport;
    this.tlsContexts = tlsContexts;
  }

  @Override
  public Future<Channel> connect(
      EventLoop eventLoop, PickedEndpoint endpoint, @Nullable HttpProtocol protocol) {
    Promise<Channel> connected = eventLoop.newPromise();
    CircuitBreaker breaker = endpoint.breaker();
    Cluster.Limits limits = endpoint.cluster().limits();
    if (protocol != null) {
      breaker.connectionOpened();
    } else if (!breaker.tryConnection(limits)) {
      return connected.setFailure(
          new UpstreamConnectException(
              Reason.OVERFLOW,
              endpoint.cluster().name()
                  + ": "
                  + limits.maxConnections()
                  + " connections are open already",
              null));
    }
    new Attempt(eventLoop, endpoint, protocol, connected).start();
    return connected;
  }

  /** One connection being made. */
  private final class Attempt {
    private final EventLoop eventLoop;
    private final PickedEndpoint picked;
    private final @Nullable HttpProtocol protocol;
    private final Promise<Channel> connected;
    private final InetSocketAddress address;
    private boolean counted;

    Attempt(
        EventLoop eventLoop,
        PickedEndpoint picked,
        @Nullable HttpProtocol protocol,
        Promise<Channel> connected) {
      this.eventLoop = eventLoop;
      this.picked = picked;
      this.protocol = protocol;
      this.connected = connected;
      this.address = picked.endpoint().address();
    }

    void start() {
      if (address.isUnresolved()) {
        fail(Reason.OTHER, "is not resolved", null);
        return;
      }
      Handshake handshake;
      try {
        // Before connecting: the first bytes must follow at once, lest the peer takes us for
        // silent.
        handshake = handshake();
      } catch (NoCertificateException e) {
        fail(Reason.NO_CERTIFICATE, "TLS is not possible: " + e.getMessage(), e);
        return;
      } catch (SSLException | RuntimeException e) {
        fail(Reason.TLS_HANDSHAKE, "TLS cannot be configured: " + e.getMessage(), e);
        return;
      }
      Duration timeout = picked.cluster().connectTimeout();
      ChannelFuture connecting =
          transport.connect(
              eventLoop,
              address,
              timeout,
              protocol == null,
              handshake == null ? new ChannelInboundHandlerAdapter() : handshake);
      Channel channel = connecting.channel();
      counted = true;
      CircuitBreaker breaker = picked.breaker();
      channel.closeFuture().addListener(closed -> breaker.connectionClosed());
      ScheduledFuture<?> deadline =
          eventLoop.schedule(
              () -> {
                fail(Reason.TIMEOUT, "not connected within " + timeout.toMillis() + " ms", null);
                channel.close();
              },
              timeout.toMillis(),
              TimeUnit.MILLISECONDS);
      connected.addListener(done -> {
        deadline.cancel(false);
        if (!done.isSuccess()) {
          channel.close();
        }
      });
      connecting.addListener(done -> {
        if (!done.isSuccess()) {
          failed(done.cause());
          if (handshake != null) {
            handshake.releaseIfUnused();
          }
        } else if (handshake == null) {
          succeed(channel);
        }
      });
    }

    private @Nullable Handshake handshake() throws NoCertificateException, SSLException {
      UpstreamTls tls = picked.tls();
      return tls == null
          ? null
          : new Handshake(
              tlsContexts.of(eventLoop).client(transport.allocator(), tls, protocol, address));
    }

    private void succeed(Channel channel) {
      if (!connected.trySuccess(channel)) {
        channel.close();
      }
    }

    private void failed(Throwable cause) {
      Reason reason = reason(cause);
      fail(reason, reason == Reason.IDENTITY_MISMATCH ? identityText(cause) : text(cause), cause);
    }

    private void fail(Reason reason, String what, @Nullable Throwable cause) {
      if (!counted) {
        // There is no channel whose end would be noticed.
        counted = true;
        picked.breaker().connectionClosed();
      }
      connected.tryFailure(
          new UpstreamConnectException(
              reason, picked.cluster().name() + " endpoint " + address + ": " + what, cause));
    }

    /** Puts TLS in front and waits for its handshake. */
    private final class Handshake extends ChannelInitializer<Channel> {
      private final TlsConnection connection;
      private final SslHandler tls;
      private boolean used;

      Handshake(TlsConnection connection) {
        this.connection = connection;
        this.tls = connection.handler();
      }

      /** There was not even a socket, as with too many open files. */
      void releaseIfUnused() {
        if (!used) {
          ReferenceCountUtil.release(tls.engine());
        }
      }

      @Override
      protected void initChannel(Channel channel) {
        used = true;
        channel.pipeline().addLast(tls, new HandshakeWatch(connection));
        // Also when TLS is taken away with the channel, which no event tells of.
        tls.handshakeFuture()
            .addListener(done -> {
              if (!done.isSuccess()) {
                failed(done.cause());
              }
            });
      }
    }

    /**
     * Keeps the handshake to itself: succeeds at its event rather than its future, which completes
     * before the event is on its way and would hand the event to whoever gets the channel.
     */
    private final class HandshakeWatch extends ChannelInboundHandlerAdapter {
      private final TlsConnection connection;

      HandshakeWatch(TlsConnection connection) {
        this.connection = connection;
      }

      @Override
      public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof SslHandshakeCompletionEvent completed) {
          context.pipeline().remove(this);
          if (completed.isSuccess()) {
            secured(context.channel());
          } else {
            failed(completed.cause());
          }
        } else {
          context.fireUserEventTriggered(event);
        }
      }

      private void secured(Channel channel) {
        try {
          connection.verifyPeer();
        } catch (SSLHandshakeException e) {
          failed(e);
          return;
        }
        succeed(channel);
      }

      @Override
      public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
      }
    }
  }

  private static Reason reason(Throwable cause) {
    for (Throwable at = cause; at != null; at = at.getCause()) {
      if (at instanceof IdentityMismatchException) {
        return Reason.IDENTITY_MISMATCH;
      }
    }
    return switch (cause) {
      case ConnectTimeoutException ignored -> Reason.TIMEOUT;
      case NoRouteToHostException ignored -> Reason.UNREACHABLE;
      case ConnectException refused ->
          text(refused).contains("unreachable") ? Reason.UNREACHABLE : Reason.REFUSED;
      case SSLException ignored -> Reason.TLS_HANDSHAKE;
      // The endpoint closed while the handshake was under way.
      case ClosedChannelException ignored -> Reason.TLS_HANDSHAKE;
      default -> Reason.OTHER;
    };
  }

  private static String identityText(Throwable cause) {
    for (Throwable at = cause; at != null; at = at.getCause()) {
      if (at instanceof IdentityMismatchException) {
        return text(at);
      }
    }
    return text(cause);
  }

  private static String text(Throwable cause) {
    return cause.getMessage() == null ? cause.toString() : cause.getMessage();
  }
}
