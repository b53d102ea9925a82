package dev.heddle.dataplane.telemetry.report;

import dev.heddle.dataplane.config.TerminalFilter;
import dev.heddle.dataplane.config.TrafficDirection;
import dev.heddle.dataplane.telemetry.ConnectionReport;
import dev.heddle.dataplane.telemetry.RequestReport;
import dev.heddle.dataplane.telemetry.TrafficObserver;
import dev.heddle.meshapi.telemetry.v1.Side;
import java.util.concurrent.TimeUnit;

/** Counts every request on its edge. Connections that are not HTTP have no responses to count. */
final class EdgeObserver implements TrafficObserver {

  private static final int SERVER_ERROR = 500;

  private final EdgeTable edges;

  EdgeObserver(EdgeTable edges) {
    this.edges = edges;
  }

  @Override
  public void requestFinished(RequestReport report) {
    boolean inbound = report.connection().direction() == TrafficDirection.INBOUND;
    boolean success = succeeded(report);
    long micros = TimeUnit.NANOSECONDS.toMicros(report.durationNanos());
    if (inbound) {
      edges.record(Side.SIDE_SERVER, report.peer(), null, "", success, micros);
    } else {
      edges.record(
          Side.SIDE_CLIENT,
          report.peer(),
          report.destination(),
          routes(report.connection().filterChain().terminalFilter()),
          success,
          micros);
    }
  }

  @Override
  public void connectionOpened(ConnectionReport report) {}

  @Override
  public void bytesCarried(ConnectionReport report, long sent, long received) {}

  @Override
  public void connectionClosed(ConnectionReport report) {}

  private static String routes(TerminalFilter filter) {
    return filter instanceof TerminalFilter.HttpConnectionManager manager
            && manager.routes() instanceof TerminalFilter.RouteSource.Named named
        ? named.name()
        : "";
  }

  /** Whether it was answered, and the answer does not blame the server. */
  private static boolean succeeded(RequestReport report) {
    if (report.status() == 0 || report.status() >= SERVER_ERROR) {
      return false;
    }
    return !report.grpc() || succeeded(report.grpcStatus());
  }

  /**
   * Whether a gRPC status tells of the caller rather than of the server: the statuses that gRPC
   * maps to and from HTTP 5xx are the server's
   * (https://grpc.github.io/grpc/core/md_doc_statuscodes.html).
   */
  private static boolean succeeded(int grpcStatus) {
    return switch (grpcStatus) {
      // No status, UNKNOWN, DEADLINE_EXCEEDED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS.
      case -1, 2, 4, 12, 13, 14, 15 -> false;
      default -> true;
    };
  }
}
