package dev.heddle.dataplane.http.pool;

import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.http.HttpLimits;
import dev.heddle.dataplane.http.exchange.DeadlineTimer;
import dev.heddle.dataplane.http.exchange.UpstreamConsumer;
import dev.heddle.dataplane.http.exchange.UpstreamFailure;
import dev.heddle.dataplane.http.exchange.WriteBatch;
import dev.heddle.dataplane.http.http1.Http1ClientConnection;
import dev.heddle.dataplane.upstream.CircuitBreaker;
import dev.heddle.dataplane.upstream.UpstreamConnectException;
import dev.heddle.dataplane.upstream.UpstreamConnector;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1 connections to one endpoint. The one that was used last is used first, so that the others
 * can age and close, and because the freshest is the least likely to have been closed by the
 * server.
 */
final class Http1Pool implements EndpointPool, Http1ClientConnection.Owner {
  private final EventLoop eventLoop;
  private final UpstreamConnector connector;
  private final WriteBatch batch;
  private final HttpLimits limits;
  private final ArrayDeque<Http1ClientConnection> idle = new ArrayDeque<>();
  private final ArrayDeque<UpstreamConsumer> waiting = new ArrayDeque<>();
  private Cluster.ConnectionBounds bounds = Cluster.ConnectionBounds.NONE;
  private int open;
  private long retiredBefore = -1;

  Http1Pool(EventLoop eventLoop, UpstreamConnector connector, WriteBatch batch, HttpLimits limits) {
    this.eventLoop = eventLoop;
    this.connector = connector;
    this.batch = batch;
    this.limits = limits;
  }

  @Override
  public void open(UpstreamConsumer consumer) {
    bounds = consumer.picked().cluster().connectionBounds();
    Http1ClientConnection connection = consumer.freshConnection() ? null : pollIdle();
    if (connection != null) {
      connection.use(consumer);
      return;
    }
    Cluster cluster = consumer.picked().cluster();
    CircuitBreaker breaker = consumer.picked().breaker();
    if (!breaker.tryPending(cluster.limits())
        && !(forgetAbandoned() && breaker.tryPending(cluster.limits()))) {
      consumer.onFailure(
          new UpstreamFailure.Overflow(
              "too many requests wait for a connection to " + cluster.name()));
    } else if (open == 0 || breaker.connectionAllowed(cluster.limits())) {
      // An endpoint without any gets one, lest its requests wait for ever.
      connect(consumer);
    } else {
      waiting.add(consumer);
    }
  }

  /** Makes room among those that wait; false when all of them are still wanted. */
  private boolean forgetAbandoned() {
    return waiting.removeIf(consumer -> {
      if (consumer.abandoned()) {
        consumer.picked().breaker().pendingEnded();
        return true;
      }
      return false;
    });
  }

  private @Nullable Http1ClientConnection pollIdle() {
    Http1ClientConnection connection;
    while ((connection = idle.pollFirst()) != null) {
      if (connection.usable()) {
        return connection;
      }
    }
    return null;
  }

  private void connect(UpstreamConsumer consumer) {
    open++;
    connector
        .connect(eventLoop, consumer.picked(), HttpProtocol.HTTP1)
        .addListener((Future<Channel> connected) -> connected(consumer, connected));
  }

  private void connected(UpstreamConsumer consumer, Future<Channel> connected) {
    consumer.picked().breaker().pendingEnded();
    UpstreamConnectException problem = NewConnection.problem(connected, HttpProtocol.HTTP1);
    if (problem != null) {
      open--;
      consumer.onFailure(new UpstreamFailure.NotConnected(problem));
      serveWaiting();
      return;
    }
    Http1ClientConnection connection =
        new Http1ClientConnection(connected.getNow(), this, batch, limits, consumer.meshEndpoint());
    if (consumer.abandoned()) {
      idle(connection);
    } else {
      connection.use(consumer);
    }
  }

  @Override
  public void idle(Http1ClientConnection connection) {
    if (worn(connection)) {
      // Those that wait are told by its end.
      connection.closeIdle();
      return;
    }
    UpstreamConsumer next = nextWaiting();
    if (next != null) {
      connection.use(next);
    } else if (connection.bornNanos() <= retiredBefore
        || idle.size() >= limits.maxIdleConnections()) {
      connection.closeIdle();
    } else {
      idle.addFirst(connection);
    }
  }

  @Override
  public void closed(Http1ClientConnection connection) {
    idle.remove(connection);
    open--;
    serveWaiting();
  }

  private void serveWaiting() {
    UpstreamConsumer next = nextWaiting();
    if (next != null) {
      open(next);
    }
  }

  private @Nullable UpstreamConsumer nextWaiting() {
    UpstreamConsumer next;
    while ((next = waiting.poll()) != null) {
      next.picked().breaker().pendingEnded();
      if (!next.abandoned()) {
        return next;
      }
    }
    return null;
  }

  /** Whether it has carried all it may, or for as long as it may. */
  private boolean worn(Http1ClientConnection connection) {
    return (bounds.maxRequests() > 0 && connection.carried() >= bounds.maxRequests())
        || connection.idleSince() - connection.bornNanos() >= lifetimeNanos();
  }

  private long lifetimeNanos() {
    Duration own = bounds.maxDuration();
    return (own == null || own.isZero() ? limits.upstreamMaxLifetime() : own).toNanos();
  }

  @Override
  public void sweep(long now) {
    Duration own = bounds.idleTimeout();
    long idleNanos = (own == null ? limits.upstreamIdleTimeout() : own).toNanos();
    long lifetimeNanos = lifetimeNanos();
    for (Http1ClientConnection connection : new ArrayList<>(idle)) {
      if ((idleNanos > 0 && now - connection.idleSince() >= idleNanos)
          || now - connection.bornNanos() >= lifetimeNanos) {
        connection.closeIdle();
      }
    }
  }

  @Override
  public void retire() {
    retiredBefore = DeadlineTimer.now();
    for (Http1ClientConnection connection : new ArrayList<>(idle)) {
      connection.closeIdle();
    }
  }

  @Override
  public boolean isEmpty() {
    return open == 0 && waiting.isEmpty();
  }
}
