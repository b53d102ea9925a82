package dev.heddle.dataplane.http.pool;

import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.http.HttpLimits;
import dev.heddle.dataplane.http.exchange.UpstreamConsumer;
import dev.heddle.dataplane.http.exchange.UpstreamFailure;
import dev.heddle.dataplane.http.exchange.WriteBatch;
import dev.heddle.dataplane.http.http2.Http2ClientConnection;
import dev.heddle.dataplane.upstream.UpstreamConnectException;
import dev.heddle.dataplane.upstream.UpstreamConnector;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
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
  private final UpstreamPools.ClusterConnections ofCluster;
  private final List<Http2ClientConnection> connections = new ArrayList<>(2);
  private final ArrayDeque<UpstreamConsumer> waiting = new ArrayDeque<>();
  private int connecting;
  private boolean serving;

  Http2Pool(
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
    Http2ClientConnection connection = consumer.freshConnection() ? null : withRoom();
    if (connection != null) {
      connection.use(consumer);
      return;
    }
    Cluster.Limits bounds = consumer.picked().cluster().limits();
    if (ofCluster.waiting >= bounds.maxPendingRequests()) {
      overflow(consumer, "too many requests wait for a connection to ");
      return;
    }
    if (connecting == 0) {
      if (ofCluster.open < bounds.maxConnections()) {
        enqueue(consumer);
        connect(consumer);
      } else if (connections.isEmpty()) {
        overflow(consumer, "too many connections to ");
      } else {
        enqueue(consumer);
      }
      return;
    }
    enqueue(consumer);
  }

  private static void overflow(UpstreamConsumer consumer, String what) {
    consumer.onFailure(new UpstreamFailure.Overflow(what + consumer.picked().cluster().name()));
  }

  private void enqueue(UpstreamConsumer consumer) {
    ofCluster.waiting++;
    waiting.add(consumer);
  }

  private @Nullable Http2ClientConnection withRoom() {
    for (int i = 0; i < connections.size(); i++) {
      Http2ClientConnection connection = connections.get(i);
      if (connection.hasRoom()) {
        return connection;
      }
    }
    return null;
  }

  private void connect(UpstreamConsumer first) {
    connecting++;
    ofCluster.open++;
    connector
        .connect(eventLoop, first.picked(), HttpProtocol.HTTP2)
        .addListener((Future<Channel> connected) -> connected(first, connected));
  }

  private void connected(UpstreamConsumer first, Future<Channel> connected) {
    connecting--;
    UpstreamConnectException problem = NewConnection.problem(connected, HttpProtocol.HTTP2);
    if (problem != null) {
      ofCluster.open--;
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
        ofCluster.waiting--;
        if (connection != null) {
          connection.use(next);
        }
      }
    } finally {
      serving = false;
    }
    UpstreamConsumer next = waiting.peek();
    if (next != null
        && connecting == 0
        && ofCluster.open < next.picked().cluster().limits().maxConnections()) {
      connect(next);
    }
  }

  private void failWaiting(UpstreamFailure failure) {
    List<UpstreamConsumer> failed = new ArrayList<>(waiting);
    waiting.clear();
    ofCluster.waiting -= failed.size();
    for (UpstreamConsumer consumer : failed) {
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
    if (connections.remove(connection)) {
      ofCluster.open--;
    }
    serveWaiting();
  }

  @Override
  public void sweep(long now) {
    long idleNanos = limits.upstreamIdleTimeout().toNanos();
    long lifetimeNanos = limits.upstreamMaxLifetime().toNanos();
    for (Http2ClientConnection connection : new ArrayList<>(connections)) {
      if ((connection.isIdle() && now - connection.idleSince() >= idleNanos)
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
