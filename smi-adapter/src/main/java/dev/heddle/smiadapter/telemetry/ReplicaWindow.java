package dev.heddle.smiadapter.telemetry;

import dev.heddle.meshapi.identity.SpiffeId;
import dev.heddle.meshapi.telemetry.v1.ReadWindowRequest;
import dev.heddle.meshapi.telemetry.v1.ReadWindowResponse;
import dev.heddle.meshapi.telemetry.v1.TelemetryReplicaGrpc;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Gatherers;

/** Tells other replicas what was reported to this one, as fast as they take it. */
public final class ReplicaWindow extends TelemetryReplicaGrpc.TelemetryReplicaImplBase {

  /** Some hundred kilobytes. */
  private static final int EDGES_PER_MESSAGE = 500;

  private final SlidingWindow window;
  private final SpiffeId self;
  private final Supplier<SpiffeId> caller;
  private final TelemetryMetrics metrics;

  /**
   * Serves a window.
   *
   * @param self what all replicas are
   * @param caller who makes the call that this thread serves
   */
  public ReplicaWindow(
      SlidingWindow window, SpiffeId self, Supplier<SpiffeId> caller, TelemetryMetrics metrics) {
    this.window = window;
    this.self = self;
    this.caller = caller;
    this.metrics = metrics;
  }

  @Override
  public void readWindow(ReadWindowRequest request, StreamObserver<ReadWindowResponse> responses) {
    if (!caller.get().equals(self)) {
      metrics.refused("account");
      responses.onError(
          Status.PERMISSION_DENIED
              .withDescription("caller: " + caller.get() + " (expected: " + self + ")")
              .asRuntimeException());
      return;
    }
    long millis = Integer.toUnsignedLong(request.getSpanMillis());
    if (millis == 0) {
      responses.onError(
          Status.INVALID_ARGUMENT
              .withDescription("span_millis: 0 (expected: >= 1)")
              .asRuntimeException());
      return;
    }
    List<EdgeTotals> totals = window.read(Duration.ofMillis(millis));
    ServerCallStreamObserver<ReadWindowResponse> replica =
        (ServerCallStreamObserver<ReadWindowResponse>) responses;
    // Nothing but the sending has to end when the other one is gone.
    replica.setOnCancelHandler(() -> {});
    replica.setOnReadyHandler(
        new Sending(
            totals.stream()
                .gather(Gatherers.windowFixed(EDGES_PER_MESSAGE))
                .map(ReplicaWindow::message)
                .iterator(),
            replica));
  }

  /** Sends whenever there is room. gRPC runs it by one thread at a time. */
  private static final class Sending implements Runnable {
    private final Iterator<ReadWindowResponse> pieces;
    private final ServerCallStreamObserver<ReadWindowResponse> replica;
    private boolean completed;

    Sending(
        Iterator<ReadWindowResponse> pieces, ServerCallStreamObserver<ReadWindowResponse> replica) {
      this.pieces = pieces;
      this.replica = replica;
    }

    @Override
    public void run() {
      while (pieces.hasNext() && replica.isReady() && !replica.isCancelled()) {
        replica.onNext(pieces.next());
      }
      if (!pieces.hasNext() && !completed) {
        completed = true;
        replica.onCompleted();
      }
    }
  }

  private static ReadWindowResponse message(List<EdgeTotals> totals) {
    ReadWindowResponse.Builder message = ReadWindowResponse.newBuilder();
    totals.forEach(edge -> message.addEdges(EdgeMessages.message(edge)));
    return message.build();
  }
}
