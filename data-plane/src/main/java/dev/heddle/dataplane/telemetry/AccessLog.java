package dev.heddle.dataplane.telemetry;

import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.config.Workload;
import dev.heddle.dataplane.connection.ConnectionContext;
import dev.heddle.dataplane.json.JsonWriter;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One JSON object per line for every request and every TCP connection that ended. Lines are made
 * and written on a thread of its own; what its bounded queue cannot hold is dropped and counted,
 * never waited for.
 */
public final class AccessLog implements TrafficObserver, AutoCloseable {

  private static final Logger LOGGER = LoggerFactory.getLogger(AccessLog.class);
  private static final int QUEUE_LENGTH = 4096;
  private static final int FLUSH_SIZE = 32 * 1024;
  private static final long CLOSE_MILLIS = 1000;
  private static final double NANOS_PER_MILLI = 1e6;

  /** What is waiting to be written. */
  private sealed interface Entry {
    record Request(RequestReport report) implements Entry {}

    record Connection(ConnectionReport report, long durationNanos) implements Entry {}

    record End() implements Entry {}
  }

  private final OutputStream out;
  private final BlockingQueue<Entry> queue = new ArrayBlockingQueue<>(QUEUE_LENGTH);
  private final LongAdder dropped = new LongAdder();
  private final Thread writer;

  private AccessLog(OutputStream out) {
    this.out = out;
    this.writer = Thread.ofPlatform().name("access-log").daemon().unstarted(this::write);
  }

  /** Starts writing to the stream, which stays open when the log is closed. */
  public static AccessLog start(OutputStream out) {
    AccessLog log = new AccessLog(out);
    log.writer.start();
    return log;
  }

  /** Lines that were not written. */
  public long dropped() {
    return dropped.sum();
  }

  @Override
  public void requestFinished(RequestReport report) {
    offer(new Entry.Request(report));
  }

  @Override
  public void connectionOpened(ConnectionReport report) {}

  @Override
  public void bytesCarried(ConnectionReport report, long sent, long received) {}

  @Override
  public void connectionClosed(ConnectionReport report) {
    offer(new Entry.Connection(report, System.nanoTime() - report.startNanos()));
  }

  /** Writes what is in the queue, for a bounded time. */
  @Override
  public void close() {
    try {
      if (queue.offer(new Entry.End(), CLOSE_MILLIS, TimeUnit.MILLISECONDS)) {
        writer.join(CLOSE_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    writer.interrupt();
  }

  private void offer(Entry entry) {
    if (!queue.offer(entry)) {
      dropped.increment();
    }
  }

  private void write() {
    StringBuilder lines = new StringBuilder();
    boolean running = true;
    while (running) {
      try {
        Entry next = queue.take();
        while (next != null) {
          switch (next) {
            case Entry.Request request -> append(lines, request.report());
            case Entry.Connection connection ->
                append(lines, connection.report(), connection.durationNanos());
            case Entry.End _ -> running = false;
          }
          next = lines.length() < FLUSH_SIZE ? queue.poll() : null;
        }
        out.write(lines.toString().getBytes(StandardCharsets.UTF_8));
        out.flush();
        lines.setLength(0);
      } catch (InterruptedException e) {
        running = false;
      } catch (IOException e) {
        dropped.increment();
        lines.setLength(0);
        LOGGER.warn("The access log cannot be written", e);
      }
    }
  }

  private static void append(StringBuilder lines, RequestReport report) {
    JsonWriter json = begin(lines, report.startEpochMillis(), report.connection());
    json.field("protocol", report.protocol().name().toLowerCase(Locale.ROOT))
        .field("method", report.method())
        .field("authority", report.authority())
        .field("path", report.path())
        .field("response_code", report.status());
    if (report.grpcStatus() >= 0) {
      json.field("grpc_status", report.grpcStatus());
    }
    if (report.detail() != null) {
      json.field("response_details", report.detail());
    }
    json.field("attempts", report.attempts())
        .field("bytes_received", report.requestBytes())
        .field("bytes_sent", report.responseBytes());
    end(
        json,
        report.flags(),
        report.destination(),
        report.peer(),
        report.upstream(),
        report.upstreamMutualTls(),
        report.durationNanos());
    lines.append('\n');
  }

  private static void append(StringBuilder lines, ConnectionReport report, long durationNanos) {
    JsonWriter json = begin(lines, report.startEpochMillis(), report.connection());
    json.field("protocol", "tcp");
    end(
        json,
        report.flags(),
        report.destination(),
        report.peer(),
        report.upstream(),
        report.upstreamMutualTls(),
        durationNanos);
    lines.append('\n');
  }

  private static JsonWriter begin(
      StringBuilder lines, long startEpochMillis, ConnectionContext connection) {
    JsonWriter json = JsonWriter.compact(lines).beginObject();
    json.field("start_time", Instant.ofEpochMilli(startEpochMillis).toString())
        .field("direction", connection.direction().name().toLowerCase(Locale.ROOT))
        .field("listener", connection.listener().name())
        .field("downstream_address", text(connection.source()))
        .field("original_destination", text(connection.originalDestination()));
    if (connection.peer() != null) {
      json.field("downstream_principal", connection.peer().toString());
    }
    return json.field("downstream_mutual_tls", connection.mutualTls());
  }

  private static void end(
      JsonWriter json,
      @Nullable ResponseFlag flags,
      Cluster.@Nullable Destination destination,
      Workload peer,
      @Nullable InetSocketAddress upstream,
      boolean upstreamMutualTls,
      long durationNanos) {
    json.field("response_flags", flags == null ? "-" : flags.code());
    if (destination != null) {
      json.field("destination_service", destination.service() + "." + destination.namespace());
    }
    if (!peer.name().isEmpty()) {
      json.field("peer_workload", peer.name() + "." + peer.namespace());
    }
    if (upstream != null) {
      json.field("upstream_address", text(upstream))
          .field("upstream_mutual_tls", upstreamMutualTls);
    }
    json.name("duration_ms").value(durationNanos / NANOS_PER_MILLI).endObject();
  }

  private static String text(InetSocketAddress address) {
    return address.isUnresolved()
        ? address.getHostString() + ":" + address.getPort()
        : NetUtil.toSocketAddressString(address);
  }
}
