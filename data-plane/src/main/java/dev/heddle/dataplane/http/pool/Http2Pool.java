package dev.heddle.dataplane.http.pool;

import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.http.HttpLimits;
import dev.heddle.dataplane.http.exchange.UpstreamConsumer;
import dev.heddle.dataplane.http.exchange.UpstreamFailure;
import dev.heddle.dataplane.http.exchange.WriteBatch;
import dev.heddle.dataplane.http.http2.Http2ClientConnection;
import dev.heddle.dataplane.upstream.CircuitBreaker;
import dev.heddle.dataplane.upstream.UpstreamConnectException;
import dev.heddle.dataplane.upstream.UpstreamConnector;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/2 connections to one endpoint: one, and another only when all are full. Requests that come
 * while one connects wait for it.
 */
final class Http2Pool implements EndpointPool, Http2ClientConnection.Owner {
  private final EventLoop eventLoop;
  private final UpstreamConnector connector;
  private final WriteBatch batch;
  private final HttpLimits limits;
  private final List<Http2ClientConnection> connections = new ArrayList<>(2);
  private final ArrayDeque<UpstreamConsumer> waiting = new ArrayDeque<>();
  private Cluster.ConnectionBounds bounds = Cluster.ConnectionBounds.NONE;
  private int connecting;
  private boolean serving;

  Http2Pool(EventLoop eventLoop, UpstreamConnector connector, WriteBatch batch, HttpLimits limits) {
    this.eventLoop = eventLoop;
    this.connector = connector;
    this.batch = batch;
    this.limits = limits;
  }

  @Override
  public void open(UpstreamConsumer consumer) {
    bounds = consumer.picked().cluster().connectionBounds();
    Http2ClientConnection connection = consumer.freshConnection() ? null : withRoom();
    if (connection != null) {
      use(connection, consumer);
      return;
    }
    Cluster cluster = consumer.picked().cluster();
    CircuitBreaker breaker = consumer.picked().breaker();
    if (!breaker.tryPending(cluster.limits())
        && !(forgetAbandoned() && breaker.tryPending(cluster.limits()))) {
      consumer.onFailure(
          new UpstreamFailure.Overflow(
              "too many requests wait for a connection to " + cluster.name()));
      return;
    }
    waiting.add(consumer);
    // An endpoint without any gets one, lest its requests wait for ever.
    if (connecting == 0 && (connections.isEmpty() || breaker.connectionAllowed(cluster.limits()))) {
      connect(consumer);
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

  private @Nullable Http2ClientConnection withRoom() {
    for (int i = 0; i < connections.size(); i++) {
      Http2ClientConnection connection = connections.get(i);
      if (connection.hasRoom()
          && (bounds.maxConcurrentStreams() == 0
              || connection.streams() < bounds.maxConcurrentStreams())) {
        return connection;
      }
    }
    return null;
  }

  private void use(Http2ClientConnection connection, UpstreamConsumer consumer) {
    connection.use(consumer);
    if (bounds.maxRequests() > 0 && connection.carried() >= bounds.maxRequests()) {
      connection.retire();
    }
  }

  private void connect(UpstreamConsumer first) {
    connecting++;
    connector
        .connect(eventLoop, first.picked(), HttpProtocol.HTTP2)
        .addListener((Future<Channel> connected) -> connected(first, connected));
  }

  private void connected(UpstreamConsumer first, Future<Channel> connected) {
    connecting--;
    UpstreamConnectException problem = NewConnection.problem(connected, HttpProtocol.HTTP2);
    if (problem != null) {
      failWaiting(new UpstreamFailure.NotConnected(problem));
      return;
    }
    connections.add(
        Http2ClientConnection.install(
            connected.getNow(), this, batch, limits, first.meshEndpoint()));
    serveWaiting();
  }

  private void serveWaiting() {
    if (serving) {
      return;
    }
    serving = true;
    try {
      while (!waiting.isEmpty()) {
        UpstreamConsumer next = waiting.element();
        Http2ClientConnection connection = next.abandoned() ? null : withRoom();
        if (!next.abandoned() && connection == null) {
          break;
        }
        waiting.remove();
        next.picked().breaker().pendingEnded();
        if (connection != null) {
          use(connection, next);
        }
      }
    } finally {
      serving = false;
    }
    UpstreamConsumer next = waiting.peek();
    if (next != null
        && connecting == 0
        && (connections.isEmpty()
            || next.picked().breaker().connectionAllowed(next.picked().cluster().limits()))) {
      connect(next);
    }
  }

  private void failWaiting(UpstreamFailure failure) {
    List<UpstreamConsumer> failed = new ArrayList<>(waiting);
    waiting.clear();
    for (UpstreamConsumer consumer : failed) {
      consumer.picked().breaker().pendingEnded();
      consumer.onFailure(failure);
    }
  }

  @Override
  public void streamEnded(Http2ClientConnection connection) {
    if (!waiting.isEmpty()) {
      serveWaiting();
    }
  }

  @Override
  public void closed(Http2ClientConnection connection) {
    connections.remove(connection);
    serveWaiting();
  }

  @Override
  public void sweep(long now) {
    Duration idle = bounds.idleTimeout();
    long idleNanos = (idle == null ? limits.upstreamIdleTimeout() : idle).toNanos();
    Duration lifetime = bounds.maxDuration();
    long lifetimeNanos =
        (lifetime == null || lifetime.isZero() ? limits.upstreamMaxLifetime() : lifetime).toNanos();
    for (Http2ClientConnection connection : new ArrayList<>(connections)) {
      if ((connection.isIdle() && idleNanos > 0 && now - connection.idleSince() >= idleNanos)
          || now - connection.bornNanos() >= lifetimeNanos) {
        connection.retire();
      }
    }
  }

  @Override
  public void retire() {
    for (Http2ClientConnection connection : new ArrayList<>(connections)) {
      connection.retire();
    }
  }

  @Override
  public boolean isEmpty() {
    return connections.isEmpty() && connecting == 0 && waiting.isEmpty();
  }
}
