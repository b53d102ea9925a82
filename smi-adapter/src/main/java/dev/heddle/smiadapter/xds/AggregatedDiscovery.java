package dev.heddle.smiadapter.xds;

import dev.heddle.meshapi.identity.SpiffeId;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Supplier;

/** The delta variant of the aggregated discovery service; the other variant is not served. */
final class AggregatedDiscovery
    extends AggregatedDiscoveryServiceGrpc.AggregatedDiscoveryServiceImplBase {

  private final ResourceStore store;
  private final Supplier<SpiffeId> caller;
  private final XdsLimits limits;
  private final XdsMetrics metrics;
  private final RejectionListener rejections;
  private final ScheduledExecutorService executor;
  private final Set<DeltaStream> streams = ConcurrentHashMap.newKeySet();
  private volatile boolean draining;

  /**
   * Serves a store.
   *
   * @param caller who makes the call that this thread serves
   * @param executor where changes are sent from
   */
  AggregatedDiscovery(
      ResourceStore store,
      Supplier<SpiffeId> caller,
      XdsLimits limits,
      XdsMetrics metrics,
      RejectionListener rejections,
      ScheduledExecutorService executor) {
    this.store = store;
    this.caller = caller;
    this.limits = limits;
    this.metrics = metrics;
    this.rejections = rejections;
    this.executor = executor;
  }

  @Override
  public StreamObserver<DeltaDiscoveryRequest> deltaAggregatedResources(
      StreamObserver<DeltaDiscoveryResponse> responses) {
    if (metrics.streams().incrementAndGet() > limits.streams()) {
      metrics.streams().decrementAndGet();
      metrics.refusedStream("streams");
      return refuse(
          responses,
          Status.RESOURCE_EXHAUSTED.withDescription(
              "streams: more than " + limits.streams() + "; try another replica"));
    }
    DeltaStream stream =
        new DeltaStream(
            store,
            caller.get(),
            limits,
            metrics,
            rejections,
            (ServerCallStreamObserver<DeltaDiscoveryResponse>) responses,
            executor,
            this::ended);
    streams.add(stream);
    stream.open();
    if (draining) {
      stream.close(reconnect());
    }
    return stream;
  }

  /** Tells every client to go to another replica. */
  void drain() {
    draining = true;
    streams.forEach(stream -> stream.close(reconnect()));
  }

  private static Status reconnect() {
    return Status.UNAVAILABLE.withDescription("this replica is shutting down; connect anew");
  }

  private static StreamObserver<DeltaDiscoveryRequest> refuse(
      StreamObserver<DeltaDiscoveryResponse> responses, Status status) {
    responses.onError(status.asRuntimeException());
    return new StreamObserver<>() {
      @Override
      public void onNext(DeltaDiscoveryRequest request) {}

      @Override
      public void onError(Throwable error) {}

      @Override
      public void onCompleted() {}
    };
  }

  private void ended(DeltaStream stream) {
    streams.remove(stream);
    metrics.streams().decrementAndGet();
  }
}
