package dev.heddle.dataplane.listener;

import dev.heddle.dataplane.lifecycle.OpenConnections;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Map;

/** What listeners count. */
public final class ListenerMetrics {
  private final Counter accepted;
  private final Counter undiscovered;
  private final Counter acceptFailures;
  private final Counter bindFailures;
  private final Counter serverFirst;
  private final Map<CloseReason, Counter> closed = new EnumMap<>(CloseReason.class);

  public ListenerMetrics(MeterRegistry registry, OpenConnections connections) {
    accepted = Counter.builder("heddle.connections.accepted").register(registry);
    undiscovered =
        Counter.builder("heddle.outbound.undiscovered")
            .description("connections passed through because the control plane could not be asked")
            .register(registry);
    acceptFailures = Counter.builder("heddle.listener.accept.failures").register(registry);
    bindFailures = Counter.builder("heddle.listener.bind.failures").register(registry);
    serverFirst =
        Counter.builder("heddle.connections.server.first")
            .description("connections in which the server spoke before the client")
            .register(registry);
    for (CloseReason reason : CloseReason.values()) {
      closed.put(
          reason,
          Counter.builder("heddle.connections.closed.early")
              .description("connections closed by their listener without being served")
              .tag("reason", reason.label())
              .register(registry));
    }
    Gauge.builder("heddle.connections.open", connections, OpenConnections::count)
        .register(registry);
  }

  void accepted() {
    accepted.increment();
  }

  void undiscovered() {
    undiscovered.increment();
  }

  void acceptFailed() {
    acceptFailures.increment();
  }

  void bindFailed() {
    bindFailures.increment();
  }

  void serverFirst() {
    serverFirst.increment();
  }

  void closed(CloseReason reason) {
    Counter counter = closed.get(reason);
    if (counter != null) {
      counter.increment();
    }
  }
}
