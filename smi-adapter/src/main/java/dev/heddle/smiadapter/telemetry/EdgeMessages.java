package dev.heddle.smiadapter.telemetry;

import dev.heddle.meshapi.telemetry.LatencyHistogram;
import dev.heddle.meshapi.telemetry.v1.EdgeReport;
import dev.heddle.meshapi.telemetry.v1.Peer;
import dev.heddle.meshapi.telemetry.v1.ServiceName;
import dev.heddle.smiadapter.state.ObjectName;
import org.jspecify.annotations.Nullable;

/** Edges and counts as they go over the wire. What comes from there is checked. */
final class EdgeMessages {

  private static final int MAX_NAME = 253;

  /** In one interval on one edge: far beyond what a proxy can carry, and no sum overflows. */
  private static final long MAX_REPORTED = 1_000_000_000;

  /** In one window on one edge. */
  private static final long MAX_SUMMED = 1_000 * MAX_REPORTED;

  private EdgeMessages() {}

  /**
   * Reads an edge.
   *
   * @throws IllegalArgumentException naming the field, its value and what was expected
   */
  static Edge edge(Party reporter, EdgeReport message) {
    return new Edge(
        switch (message.getSide()) {
          case SIDE_CLIENT -> Side.CLIENT;
          case SIDE_SERVER -> Side.SERVER;
          case SIDE_UNSPECIFIED, UNRECOGNIZED ->
              throw new IllegalArgumentException(
                  "side: " + message.getSideValue() + " (expected: SIDE_CLIENT or SIDE_SERVER)");
        },
        reporter,
        message.hasPeer() ? party("peer", message.getPeer()) : Party.UNKNOWN,
        message.hasService() ? service("service", message.getService()) : null,
        message.hasApex() ? service("apex", message.getApex()) : null);
  }

  /**
   * Reads what a proxy counted in an interval.
   *
   * @throws IllegalArgumentException naming the field, its value and what was expected
   */
  static Counts reported(dev.heddle.meshapi.telemetry.v1.Counts message) {
    return counts(message, MAX_REPORTED);
  }

  /**
   * Reads what a replica summed up over a window.
   *
   * @throws IllegalArgumentException naming the field, its value and what was expected
   */
  static Counts summed(dev.heddle.meshapi.telemetry.v1.Counts message) {
    return counts(message, MAX_SUMMED);
  }

  private static Counts counts(dev.heddle.meshapi.telemetry.v1.Counts message, long most) {
    LatencyHistogram latency = LatencyHistogram.of(message.getLatency());
    bounded("counts.latency", latency.total(), most);
    return new Counts(
        bounded("counts.successes", message.getSuccesses(), most),
        bounded("counts.failures", message.getFailures(), most),
        latency);
  }

  static Party party(String field, Peer message) {
    return new Party(
        name(field + ".namespace", message.getNamespace()),
        name(field + ".workload", message.getWorkload()),
        name(field + ".workload_kind", message.getWorkloadKind()),
        name(field + ".pod", message.getPod()));
  }

  static dev.heddle.meshapi.telemetry.v1.EdgeTotals message(EdgeTotals totals) {
    Edge edge = totals.edge();
    EdgeReport.Builder report =
        EdgeReport.newBuilder()
            .setSide(
                switch (edge.side()) {
                  case CLIENT -> dev.heddle.meshapi.telemetry.v1.Side.SIDE_CLIENT;
                  case SERVER -> dev.heddle.meshapi.telemetry.v1.Side.SIDE_SERVER;
                })
            .setPeer(message(edge.peer()))
            .setCounts(
                dev.heddle.meshapi.telemetry.v1.Counts.newBuilder()
                    .setSuccesses(totals.counts().successes())
                    .setFailures(totals.counts().failures())
                    .setLatency(totals.counts().latency().toMessage()));
    ObjectName service = edge.service();
    if (service != null) {
      report.setService(message(service));
    }
    ObjectName apex = edge.apex();
    if (apex != null) {
      report.setApex(message(apex));
    }
    return dev.heddle.meshapi.telemetry.v1.EdgeTotals.newBuilder()
        .setReporter(message(edge.reporter()))
        .setEdge(report)
        .build();
  }

  private static Peer message(Party party) {
    return Peer.newBuilder()
        .setNamespace(party.namespace())
        .setWorkload(party.workload())
        .setWorkloadKind(party.kind())
        .setPod(party.pod())
        .build();
  }

  private static ServiceName message(ObjectName name) {
    return ServiceName.newBuilder().setNamespace(name.namespace()).setName(name.name()).build();
  }

  private static @Nullable ObjectName service(String field, ServiceName message) {
    return new ObjectName(
        name(field + ".namespace", message.getNamespace()),
        name(field + ".name", message.getName()));
  }

  private static String name(String field, String value) {
    if (value.length() > MAX_NAME) {
      throw new IllegalArgumentException(
          field + ": " + value.length() + " characters (expected: <= " + MAX_NAME + ")");
    }
    return value;
  }

  private static long bounded(String field, long value, long most) {
    if (value < 0 || value > most) {
      throw new IllegalArgumentException(
          field + ": " + Long.toUnsignedString(value) + " (expected: <= " + most + ")");
    }
    return value;
  }
}
