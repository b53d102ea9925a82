package dev.heddle.dataplane.http.pool;

import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.http.HttpLimits;
import dev.heddle.dataplane.http.exchange.DeadlineTimer;
import dev.heddle.dataplane.http.exchange.UpstreamConsumer;
import dev.heddle.dataplane.http.exchange.UpstreamFailure;
import dev.heddle.dataplane.http.exchange.WriteBatch;
import dev.heddle.dataplane.http.http1.Http1ClientConnection;
import dev.heddle.dataplane.upstream.UpstreamConnectException;
import dev.heddle.dataplane.upstream.UpstreamConnector;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
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
  private final UpstreamPools.ClusterConnections ofCluster;
  private final ArrayDeque<Http1ClientConnection> idle = new ArrayDeque<>();
  private final ArrayDeque<UpstreamConsumer> waiting = new ArrayDeque<>();
  private int open;
  private long retiredBefore = -1;

  Http1Pool(
      EventLoop eventLoop,
      UpstreamConnector connector,
      WriteBatch batch,
      HttpLimits limits,
      UpstreamPools.ClusterConnections ofCluster) {
    this.eventLoop = eventLoop;
    this.connector = connector;
    this.batch = batch;
    this.limits = limits;
    this.ofCluster = ofCluster;
  }

  @Override
  public void open(UpstreamConsumer consumer) {
    Http1ClientConnection connection = consumer.freshConnection() ? null : pollIdle();
    if (connection != null) {
      connection.use(consumer);
      return;
    }
    Cluster.Limits bounds = consumer.picked().cluster().limits();
    if (ofCluster.open < bounds.maxConnections()) {
      connect(consumer);
    } else if (open > 0 && ofCluster.waiting < bounds.maxPendingRequests()) {
      ofCluster.waiting++;
      waiting.add(consumer);
    } else {
      consumer.onFailure(
          new UpstreamFailure.Overflow(
              "too many connections to " + consumer.picked().cluster().name()));
    }
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
    opened();
    connector
        .connect(eventLoop, consumer.picked(), HttpProtocol.HTTP1)
        .addListener((Future<Channel> connected) -> connected(consumer, connected));
  }

  private void connected(UpstreamConsumer consumer, Future<Channel> connected) {
    UpstreamConnectException problem = NewConnection.problem(connected, HttpProtocol.HTTP1);
    if (problem != null) {
      released();
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

  private void opened() {
    open++;
    ofCluster.open++;
  }

  private void released() {
    open--;
    ofCluster.open--;
  }

  @Override
  public void idle(Http1ClientConnection connection) {
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
    released();
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
      ofCluster.waiting--;
      if (!next.abandoned()) {
        return next;
      }
    }
    return null;
  }

  @Override
  public void sweep(long now) {
    long idleNanos = limits.upstreamIdleTimeout().toNanos();
    long lifetimeNanos = limits.upstreamMaxLifetime().toNanos();
    for (Http1ClientConnection connection : new ArrayList<>(idle)) {
      if (now - connection.idleSince() >= idleNanos
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
