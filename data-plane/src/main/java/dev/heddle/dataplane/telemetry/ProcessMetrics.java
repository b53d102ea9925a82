package dev.heddle.dataplane.telemetry;

import dev.heddle.dataplane.xds.ControlPlaneStatus;
import dev.heddle.dataplane.xds.ResourceType;
import dev.heddle.dataplane.xds.XdsObserver;
import dev.heddle.meshapi.identity.IdentityMetrics;
import dev.heddle.meshapi.process.BuildIdentity;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** Heddle's own metrics of the proxy as a process; all names begin with {@code heddle_}. */
public final class ProcessMetrics implements XdsObserver, IdentityMetrics {

  private static final double MILLIS_PER_SECOND = 1000;

  private final MeterRegistry registry;
  private final Map<ResourceType, Counter> accepted = new EnumMap<>(ResourceType.class);
  private final Map<ResourceType, Counter> rejected = new EnumMap<>(ResourceType.class);
  private final Counter connects;
  private final Counter disconnects;
  private final Counter keepingFailures;
  private final Counter renewals;
  private final Counter renewalFailures;

  /** The registry itself holds them weakly. */
  private final List<LongSupplier> counted = new CopyOnWriteArrayList<>();

  private volatile double certificateExpirySeconds = Double.NaN;

  public ProcessMetrics(MeterRegistry registry) {
    this.registry = registry;
    for (ResourceType type : ResourceType.values()) {
      accepted.put(type, resources("accepted", type));
      rejected.put(type, resources("rejected", type));
    }
    this.connects = counter("heddle_xds_connects", "Streams on which the control plane answered");
    this.disconnects = counter("heddle_xds_disconnects", "Streams that ended after an answer");
    this.keepingFailures =
        counter("heddle_xds_keeping_failures", "Failures to keep or read the last good resources");
    this.renewals = counter("heddle_certificate_renewals", "Certificates obtained");
    this.renewalFailures =
        counter(
            "heddle_certificate_renewal_failures", "Attempts to obtain a certificate that failed");
    Gauge.builder(
            "heddle_certificate_expiry_seconds", this, metrics -> metrics.certificateExpirySeconds)
        .description("When the workload certificate ends to be valid, as Unix time")
        .register(registry);
    Gauge.builder("heddle_build", () -> 1)
        .description("The build that runs")
        .tag("build", BuildIdentity.compiled())
        .register(registry);
    double start = ManagementFactory.getRuntimeMXBean().getStartTime() / MILLIS_PER_SECOND;
    Gauge.builder("process_start_time_seconds", () -> start)
        .description("When the process started, as Unix time")
        .register(registry);
    MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
    Gauge.builder("heddle_heap_used_bytes", memory, bean -> bean.getHeapMemoryUsage().getUsed())
        .register(registry);
  }

  /** State of the stream and number of resources. */
  public void observe(Supplier<ControlPlaneStatus> status) {
    Gauge.builder(
            "heddle_xds_connected",
            status,
            supplier ->
                supplier.get().connection() == ControlPlaneStatus.Connection.CONNECTED ? 1 : 0)
        .description("Whether the control plane answers")
        .strongReference(true)
        .register(registry);
    Gauge.builder(
            "heddle_xds_overdue_listeners", status, supplier -> supplier.get().overdue().size())
        .description("Listeners that have waited too long for a resource they need")
        .strongReference(true)
        .register(registry);
    for (ResourceType type : ResourceType.values()) {
      resourceGauge(
          "heddle_xds_subscribed", type, status, ControlPlaneStatus.TypeStatus::subscribed);
      resourceGauge("heddle_xds_resources", type, status, ControlPlaneStatus.TypeStatus::present);
      resourceGauge("heddle_xds_unusable", type, status, state -> state.rejected().size());
    }
  }

  private void resourceGauge(
      String name,
      ResourceType type,
      Supplier<ControlPlaneStatus> status,
      ToDoubleFunction<ControlPlaneStatus.TypeStatus> value) {
    Gauge.builder(
            name,
            status,
            supplier -> {
              ControlPlaneStatus.TypeStatus state = supplier.get().types().get(type);
              return state == null ? 0 : value.applyAsDouble(state);
            })
        .tag("type", type.label())
        .strongReference(true)
        .register(registry);
  }

  /** A number that grows. */
  public void counter(String name, String description, LongSupplier value) {
    counted.add(value);
    FunctionCounter.builder(name, value, LongSupplier::getAsLong)
        .description(description)
        .register(registry);
  }

  /** A number that goes up and down. */
  public void gauge(String name, String description, LongSupplier value) {
    Gauge.builder(name, value, LongSupplier::getAsLong)
        .description(description)
        .strongReference(true)
        .register(registry);
  }

  private Counter counter(String name, String description) {
    return Counter.builder(name).description(description).register(registry);
  }

  private Counter resources(String outcome, ResourceType type) {
    return Counter.builder("heddle_xds_updates")
        .description("Resources that the control plane sent")
        .tag("outcome", outcome)
        .tag("type", type.label())
        .register(registry);
  }

  @Override
  public void connected() {
    connects.increment();
  }

  @Override
  public void disconnected() {
    disconnects.increment();
  }

  @Override
  public void accepted(ResourceType type, int resources) {
    count(accepted, type, resources);
  }

  @Override
  public void rejected(ResourceType type, int resources) {
    count(rejected, type, resources);
  }

  private static void count(Map<ResourceType, Counter> counters, ResourceType type, int resources) {
    Counter counter = counters.get(type);
    if (counter != null) {
      counter.increment(resources);
    }
  }

  @Override
  public void keepingFailed() {
    keepingFailures.increment();
  }

  @Override
  public void renewed(Instant notAfter) {
    renewals.increment();
    certificateExpirySeconds = notAfter.getEpochSecond();
  }

  @Override
  public void renewalFailed() {
    renewalFailures.increment();
  }
}
