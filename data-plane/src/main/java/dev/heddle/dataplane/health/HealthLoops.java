package dev.heddle.dataplane.health;

import dev.heddle.dataplane.config.LiveConfiguration;
import dev.heddle.dataplane.http.HttpLimits;
import dev.heddle.dataplane.http.exchange.UpstreamSource;
import dev.heddle.dataplane.http.exchange.WriteBatch;
import dev.heddle.dataplane.http.pool.UpstreamPools;
import dev.heddle.dataplane.upstream.UpstreamConnector;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What checks on one event loop share; made when a cluster is first checked there. */
final class HealthLoops {
  /** Checks under way on one event loop. */
  private static final int MAX_PROBES = 32;

  private final EventLoopGroup group;
  private final UpstreamConnector connector;
  private final HttpLimits limits;
  private final LiveConfiguration configuration;
  private final Map<EventLoop, HealthLoop> loops = new ConcurrentHashMap<>();

  HealthLoops(
      EventLoopGroup group,
      UpstreamConnector connector,
      HttpLimits limits,
      LiveConfiguration configuration) {
    this.group = group;
    this.connector = connector;
    this.limits = limits;
    this.configuration = configuration;
  }

  /**
   * What is on one event loop.
   *
   * @param pools of connections of its own: a check does not use those of traffic
   */
  record HealthLoop(
      EventLoop eventLoop, UpstreamSource pools, UpstreamConnector connector, ProbeSlots slots) {}

  /** The loop whose turn it is. */
  HealthLoop next() {
    return loops.computeIfAbsent(
        group.next(),
        eventLoop ->
            new HealthLoop(
                eventLoop,
                new UpstreamPools(
                    eventLoop,
                    connector,
                    new WriteBatch(eventLoop),
                    limits,
                    configuration,
                    changed -> {}),
                connector,
                new ProbeSlots(MAX_PROBES)));
  }
}
