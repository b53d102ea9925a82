package dev.heddle.smiadapter.xds;

import dev.heddle.smiadapter.resources.ResourceType;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts what the server does. */
public final class XdsMetrics {

  private final MeterRegistry registry;
  private final AtomicInteger streams = new AtomicInteger();
  private final Timer propagation;

  /** Registers the gauges. */
  public XdsMetrics(MeterRegistry registry, ResourceStore store) {
    this.registry = registry;
    Gauge.builder("heddle_xds_streams", streams, AtomicInteger::get)
        .description("Open streams")
        .register(registry);
    Arrays.stream(ResourceType.values())
        .forEach(type ->
            Gauge.builder("heddle_xds_resources", store, held -> held.size(type))
                .description("Resources served")
                .tag("type", tag(type))
                .register(registry));
    this.propagation =
        Timer.builder("heddle_xds_propagation")
            .description("From the watch event of a change to a proxy's acknowledgement")
            .serviceLevelObjectives(
                Arrays.stream(new long[] {5, 10, 20, 50, 100, 200, 500, 1_000, 5_000, 30_000})
                    .mapToObj(Duration::ofMillis)
                    .toArray(Duration[]::new))
            .register(registry);
  }

  /** How many streams are open, for whoever limits them. */
  AtomicInteger streams() {
    return streams;
  }

  void pushed(ResourceType type, int resources, int removals) {
    registry.counter("heddle_xds_pushes", "type", tag(type)).increment();
    registry.counter("heddle_xds_pushed_resources", "type", tag(type)).increment(resources);
    registry.counter("heddle_xds_removed_resources", "type", tag(type)).increment(removals);
  }

  void accepted(long nanosSinceChange) {
    propagation.record(Duration.ofNanos(nanosSinceChange));
  }

  void rejected(ResourceType type) {
    registry.counter("heddle_xds_nacks", "type", tag(type)).increment();
  }

  void refusedStream(String reason) {
    registry.counter("heddle_xds_refused_streams", "reason", reason).increment();
  }

  void failedPush() {
    registry.counter("heddle_xds_push_failures").increment();
  }

  private static String tag(ResourceType type) {
    return type.name().toLowerCase(Locale.ROOT);
  }
}
