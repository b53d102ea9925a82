package dev.heddle.smiadapter.telemetry;

import dev.heddle.meshapi.telemetry.v1.ReadWindowRequest;
import dev.heddle.meshapi.telemetry.v1.ReadWindowResponse;
import dev.heddle.meshapi.telemetry.v1.TelemetryReplicaGrpc;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.handler.ssl.SslContext;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the other replicas what was reported to them.
 *
 * <p>A proxy reports to one replica, the one it gets its configuration from. So that any replica
 * can answer for the whole mesh, it asks the others at that moment: nothing is sent or held twice
 * while nobody asks, nothing has to agree about who knows what, and when a replica is gone its
 * proxies report to another within an interval. The alternatives cost all the time what this costs
 * when somebody looks: a connection of each proxy to each replica, or every report to all replicas.
 */
public final class Replicas implements AutoCloseable {

  /** What replicas know, and which did not answer in time. */
  public record Gathered(List<EdgeTotals> edges, List<InetSocketAddress> silent) {}

  private static final Logger LOGGER = LoggerFactory.getLogger(Replicas.class);
  private static final Duration DEADLINE = Duration.ofSeconds(2);

  /** Bytes of a message; the sender cuts after 500 edges. */
  private static final int MAX_MESSAGE = 4 << 20;

  private final Supplier<List<InetSocketAddress>> addresses;
  private final @Nullable SslContext tls;
  private final TelemetryMetrics metrics;
  private final Map<InetSocketAddress, ManagedChannel> channels = new ConcurrentHashMap<>();
  private final ExecutorService executor =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("replica-", 0).factory());

  /**
   * Asks nobody yet.
   *
   * @param addresses where the others are now
   * @param tls the mesh's own, which takes nobody but the control plane; null for plaintext
   */
  public Replicas(
      Supplier<List<InetSocketAddress>> addresses,
      @Nullable SslContext tls,
      TelemetryMetrics metrics) {
    this.addresses = addresses;
    this.tls = tls;
    this.metrics = metrics;
  }

  /**
   * Asks all at once, for two seconds at most.
   *
   * @throws InterruptedException if the waiting thread is to end
   */
  public Gathered gather(Duration span) throws InterruptedException {
    List<InetSocketAddress> others = addresses.get();
    closeAllBut(others);
    Map<InetSocketAddress, Future<List<EdgeTotals>>> answers = new LinkedHashMap<>();
    for (InetSocketAddress other : others) {
      answers.put(other, executor.submit(() -> read(other, span)));
    }
    List<EdgeTotals> edges = new ArrayList<>();
    List<InetSocketAddress> silent = new ArrayList<>();
    for (Map.Entry<InetSocketAddress, Future<List<EdgeTotals>>> answer : answers.entrySet()) {
      try {
        edges.addAll(answer.getValue().get());
      } catch (ExecutionException e) {
        metrics.replicaFailed();
        LOGGER.warn(
            "Replica {} does not tell what was reported to it: {}",
            answer.getKey(),
            String.valueOf(e.getCause()));
        silent.add(answer.getKey());
      }
    }
    return new Gathered(edges, silent);
  }

  @Override
  public void close() {
    executor.shutdownNow();
    closeAllBut(List.of());
  }

  /**
   * Reads what one replica knows.
   *
   * @throws StatusRuntimeException if it does not answer in time
   * @throws IllegalArgumentException if it answers what no replica would
   */
  private List<EdgeTotals> read(InetSocketAddress replica, Duration span) {
    Iterator<ReadWindowResponse> pieces =
        TelemetryReplicaGrpc.newBlockingStub(channels.computeIfAbsent(replica, this::open))
            .withDeadlineAfter(DEADLINE.toMillis(), TimeUnit.MILLISECONDS)
            .readWindow(
                ReadWindowRequest.newBuilder().setSpanMillis((int) span.toMillis()).build());
    List<EdgeTotals> edges = new ArrayList<>();
    pieces.forEachRemaining(piece ->
        piece
            .getEdgesList()
            .forEach(totals ->
                edges.add(
                    new EdgeTotals(
                        EdgeMessages.edge(
                            EdgeMessages.party("reporter", totals.getReporter()), totals.getEdge()),
                        EdgeMessages.summed(totals.getEdge().getCounts())))));
    return edges;
  }

  private ManagedChannel open(InetSocketAddress replica) {
    NettyChannelBuilder builder =
        NettyChannelBuilder.forAddress(replica)
            .proxyDetector(address -> null)
            .disableRetry()
            .maxInboundMessageSize(MAX_MESSAGE);
    return tls == null ? builder.usePlaintext().build() : builder.sslContext(tls).build();
  }

  private void closeAllBut(List<InetSocketAddress> wanted) {
    for (InetSocketAddress address : List.copyOf(channels.keySet())) {
      if (!wanted.contains(address)) {
        ManagedChannel gone = channels.remove(address);
        if (gone != null) {
          gone.shutdown();
        }
      }
    }
  }
}
