package dev.heddle.smiadapter.telemetry;

import dev.heddle.meshapi.identity.SpiffeId;
import dev.heddle.meshapi.telemetry.v1.EdgeReport;
import dev.heddle.meshapi.telemetry.v1.ReportTrafficRequest;
import dev.heddle.meshapi.telemetry.v1.ReportTrafficResponse;
import dev.heddle.meshapi.telemetry.v1.TelemetryGrpc;
import dev.heddle.smiadapter.state.ObjectName;
import dev.heddle.smiadapter.state.Workload;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the reports of proxies. For whom one reports is decided by its certificate and by what the
 * API server says about the pod; which workload the pod belongs to is never asked of the proxy.
 */
public final class ReportReceiver extends TelemetryGrpc.TelemetryImplBase {

  private static final Logger LOGGER = LoggerFactory.getLogger(ReportReceiver.class);
  private static final int MAX_EDGES = 2_048;

  /** The newest report of a pod, so that one that is sent again is not counted twice. */
  private record Last(long process, long sequence) {

    /** Whether this report came after another of the same process, or is that report. */
    boolean covers(Last other) {
      return process == other.process && Long.compareUnsigned(sequence, other.sequence) >= 0;
    }
  }

  private final Function<ObjectName, Optional<Workload>> workloads;
  private final Supplier<SpiffeId> caller;
  private final SlidingWindow window;
  private final TelemetryMetrics metrics;
  private final Map<ObjectName, Last> newest = new ConcurrentHashMap<>();

  /**
   * Takes reports into a window.
   *
   * @param workloads the pods that the API server knows
   * @param caller who makes the call that this thread serves
   */
  public ReportReceiver(
      Function<ObjectName, Optional<Workload>> workloads,
      Supplier<SpiffeId> caller,
      SlidingWindow window,
      TelemetryMetrics metrics) {
    this.workloads = workloads;
    this.caller = caller;
    this.window = window;
    this.metrics = metrics;
  }

  @Override
  public void reportTraffic(
      ReportTrafficRequest request, StreamObserver<ReportTrafficResponse> responses) {
    SpiffeId identity = caller.get();
    ObjectName pod = new ObjectName(identity.namespace(), request.getPod());
    Optional<Workload> known = workloads.apply(pod);
    if (known.isEmpty()) {
      refuse(responses, "pod", Status.NOT_FOUND.withDescription("pod: " + pod + " is not known"));
      return;
    }
    Workload workload = known.get();
    if (!workload.serviceAccount().equals(identity.serviceAccount())) {
      LOGGER.warn(
          "{} reports for pod {}, which runs as {}; refused",
          identity,
          pod,
          workload.serviceAccount());
      refuse(
          responses,
          "account",
          Status.PERMISSION_DENIED.withDescription(
              "pod: " + pod + " (expected: a pod of the caller, " + identity + ")"));
      return;
    }
    List<EdgeTotals> edges;
    try {
      edges = read(workload, request);
    } catch (IllegalArgumentException e) {
      LOGGER.warn("A report of {} is refused: {}", identity, e.getMessage());
      refuse(responses, "invalid", Status.INVALID_ARGUMENT.withDescription(e.getMessage()));
      return;
    }
    if (isNew(pod, new Last(request.getProcess(), request.getSequence()))) {
      take(edges, Duration.ofMillis(Integer.toUnsignedLong(request.getEndedMillisAgo())));
    } else {
      metrics.repeated();
    }
    responses.onNext(ReportTrafficResponse.getDefaultInstance());
    responses.onCompleted();
  }

  /** Forgets the reports of pods that are gone. */
  public void sweep() {
    newest.keySet().removeIf(pod -> workloads.apply(pod).isEmpty());
  }

  private static List<EdgeTotals> read(Workload workload, ReportTrafficRequest request) {
    if (request.getEdgesCount() > MAX_EDGES) {
      throw new IllegalArgumentException(
          "edges: " + request.getEdgesCount() + " (expected: <= " + MAX_EDGES + ")");
    }
    Party reporter =
        new Party(
            workload.name().namespace(),
            workload.owner(),
            workload.ownerKind(),
            workload.name().name());
    List<EdgeTotals> edges = new ArrayList<>(request.getEdgesCount());
    for (EdgeReport edge : request.getEdgesList()) {
      edges.add(
          new EdgeTotals(
              EdgeMessages.edge(reporter, edge), EdgeMessages.reported(edge.getCounts())));
    }
    return edges;
  }

  private boolean isNew(ObjectName pod, Last report) {
    Last before = newest.putIfAbsent(pod, report);
    while (before != null) {
      if (before.covers(report)) {
        return false;
      }
      if (newest.replace(pod, before, report)) {
        return true;
      }
      before = newest.putIfAbsent(pod, report);
    }
    return true;
  }

  private void take(List<EdgeTotals> edges, Duration age) {
    long dropped =
        edges.stream().filter(edge -> !window.add(edge.edge(), edge.counts(), age)).count();
    if (dropped > 0) {
      metrics.droppedEdges(dropped);
    }
    metrics.taken();
  }

  private void refuse(
      StreamObserver<ReportTrafficResponse> responses, String reason, Status status) {
    metrics.refused(reason);
    responses.onError(status.asRuntimeException());
  }
}
