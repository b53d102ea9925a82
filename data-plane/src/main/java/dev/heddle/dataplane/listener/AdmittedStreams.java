package dev.heddle.dataplane.listener;

import dev.heddle.dataplane.access.AccessRulesDecision;
import dev.heddle.dataplane.config.FilterChain;
import dev.heddle.dataplane.config.Listener;
import dev.heddle.dataplane.config.LiveConfiguration;
import dev.heddle.dataplane.config.ProxyConfiguration;
import dev.heddle.dataplane.connection.ConnectionContext;
import io.netty.channel.Channel;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The streams of bytes that a listener's access rules have let through. A stream lasts as long as
 * its ends want, and so longer than rules do: it ends when they do not let it through any more, and
 * goes on untouched while they do. Callable on any thread.
 */
final class AdmittedStreams {

  private static final Logger LOGGER = LoggerFactory.getLogger(AdmittedStreams.class);

  private final Map<Channel, Admitted> streams = new ConcurrentHashMap<>();

  /** By name, the version of each listener that all its streams were asked about. */
  private final Map<String, Listener> reviewed = new ConcurrentHashMap<>();

  private final ListenerMetrics metrics;

  AdmittedStreams(ListenerMetrics metrics) {
    this.metrics = metrics;
  }

  /**
   * What a stream was let through by.
   *
   * @param reviewed the version of the listener that was last asked
   */
  private record Admitted(
      ConnectionContext context, @Nullable String serverName, Listener reviewed) {}

  /**
   * Remembers a stream until it closes.
   *
   * @param live may be newer than what the stream was let through by; read only once the stream is
   *     remembered, so that no change is missed
   */
  void add(
      Channel channel,
      ConnectionContext context,
      @Nullable String serverName,
      LiveConfiguration live) {
    reviewed.putIfAbsent(context.listener().name(), context.listener());
    streams.put(channel, new Admitted(context, serverName, context.listener()));
    channel.closeFuture().addListener(closed -> streams.remove(channel));
    review(channel, live.current());
  }

  /** Asks the rules of the newest configuration about every stream, if any of them changed. */
  void review(ProxyConfiguration newest) {
    boolean changed = false;
    for (Map.Entry<String, Listener> last : reviewed.entrySet()) {
      Listener now = newest.listeners().get(last.getKey());
      if (now != null && !isSame(now, last.getValue())) {
        last.setValue(now);
        changed = true;
      }
    }
    if (changed) {
      streams.keySet().forEach(channel -> review(channel, newest));
    }
  }

  private void review(Channel channel, ProxyConfiguration newest) {
    Admitted admitted = streams.get(channel);
    if (admitted == null) {
      return;
    }
    Listener now = newest.listeners().get(admitted.reviewed().name());
    if (now == null || isSame(now, admitted.reviewed())) {
      return;
    }
    streams.replace(
        channel, admitted, new Admitted(admitted.context(), admitted.serverName(), now));
    ConnectionContext context = admitted.context();
    FilterChain chain = now.successorOf(context.listener(), context.filterChain());
    String denial =
        chain == null
            ? null
            : AccessRulesDecision.denial(chain.access(), context, admitted.serverName());
    if (denial != null) {
      metrics.closed(CloseReason.ACCESS_DENIED);
      LOGGER
          .atDebug()
          .addKeyValue("listener", now.name())
          .addKeyValue("source", context.source())
          .addKeyValue("detail", denial)
          .log("closed a stream that rules do not let through any more");
      channel.close();
    }
  }

  /** By identity: what only equals it is asked again, which does no harm. */
  @SuppressWarnings("ReferenceEquality")
  private static boolean isSame(Listener now, Listener reviewed) {
    return now == reviewed;
  }
}
