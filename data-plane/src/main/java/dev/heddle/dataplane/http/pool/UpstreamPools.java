package dev.heddle.dataplane.http.pool;

import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.config.Endpoint;
import dev.heddle.dataplane.config.LiveConfiguration;
import dev.heddle.dataplane.config.ProxyConfiguration;
import dev.heddle.dataplane.http.HttpLimits;
import dev.heddle.dataplane.http.exchange.DeadlineTimer;
import dev.heddle.dataplane.http.exchange.UpstreamConsumer;
import dev.heddle.dataplane.http.exchange.UpstreamSource;
import dev.heddle.dataplane.http.exchange.WriteBatch;
import dev.heddle.dataplane.upstream.PickedEndpoint;
import dev.heddle.dataplane.upstream.UpstreamConnector;
import io.netty.channel.EventLoop;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * All pools of one event loop. Once a second, while there are any, it looks for what has to be
 * closed.
 */
public final class UpstreamPools implements UpstreamSource {
  private static final long SWEEP_SECONDS = 1;

  private final EventLoop eventLoop;
  private final UpstreamConnector connector;
  private final WriteBatch batch;
  private final HttpLimits limits;
  private final LiveConfiguration configuration;
  private final Consumer<ProxyConfiguration> onNewConfiguration;
  private final Map<PoolKey, EndpointPool> pools = new HashMap<>();
  private long seenVersion = -1;
  private boolean sweeping;

  /**
   * Makes the pools of one event loop.
   *
   * @param onNewConfiguration told on this loop when the configuration has changed
   */
  public UpstreamPools(
      EventLoop eventLoop,
      UpstreamConnector connector,
      WriteBatch batch,
      HttpLimits limits,
      LiveConfiguration configuration,
      Consumer<ProxyConfiguration> onNewConfiguration) {
    this.eventLoop = eventLoop;
    this.connector = connector;
    this.batch = batch;
    this.limits = limits;
    this.configuration = configuration;
    this.onNewConfiguration = onNewConfiguration;
  }

  @Override
  public void open(UpstreamConsumer consumer) {
    PickedEndpoint picked = consumer.picked();
    PoolKey key =
        new PoolKey(
            picked.cluster().name(),
            picked.endpoint().address(),
            picked.tls(),
            consumer.protocol());
    EndpointPool pool = pools.get(key);
    if (pool == null) {
      pool =
          switch (key.protocol()) {
            case HTTP1 -> new Http1Pool(eventLoop, connector, batch, limits);
            case HTTP2 -> new Http2Pool(eventLoop, connector, batch, limits);
          };
      pools.put(key, pool);
    }
    pool.open(consumer);
    if (!sweeping) {
      sweeping = true;
      eventLoop.schedule(this::sweep, SWEEP_SECONDS, TimeUnit.SECONDS);
    }
  }

  private void sweep() {
    ProxyConfiguration current = configuration.current();
    boolean changed = current.version() != seenVersion;
    if (changed) {
      seenVersion = current.version();
      onNewConfiguration.accept(current);
    }
    long now = DeadlineTimer.now();
    Iterator<Map.Entry<PoolKey, EndpointPool>> iterator = pools.entrySet().iterator();
    while (iterator.hasNext()) {
      Map.Entry<PoolKey, EndpointPool> entry = iterator.next();
      EndpointPool pool = entry.getValue();
      pool.sweep(now);
      if (changed && vanished(current, entry.getKey())) {
        pool.retire();
      }
      if (pool.isEmpty()) {
        iterator.remove();
      }
    }
    if (pools.isEmpty()) {
      sweeping = false;
    } else {
      eventLoop.schedule(this::sweep, SWEEP_SECONDS, TimeUnit.SECONDS);
    }
  }

  private static boolean vanished(ProxyConfiguration configuration, PoolKey key) {
    Cluster cluster = configuration.cluster(key.cluster());
    if (cluster == null) {
      return true;
    }
    if (cluster.discovery() != Cluster.Discovery.ASSIGNED) {
      return false;
    }
    for (Endpoint endpoint : configuration.endpoints(key.cluster()).endpoints()) {
      if (endpoint.address().equals(key.address())) {
        return false;
      }
    }
    return true;
  }

  /** Closes idle connections now and lets busy ones finish, for the end of the process. */
  public void retireAll() {
    Set<EndpointPool> all = new HashSet<>(pools.values());
    for (EndpointPool pool : all) {
      pool.retire();
    }
  }
}
