package dev.heddle.dataplane.microbenchmark;

import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.config.ProxyConfiguration;
import dev.heddle.dataplane.upstream.EventLoopUpstreams;
import dev.heddle.dataplane.upstream.HealthMetrics;
import dev.heddle.dataplane.upstream.NameResolution;
import dev.heddle.dataplane.upstream.Outcome;
import dev.heddle.dataplane.upstream.PickedEndpoint;
import dev.heddle.dataplane.upstream.SharedClusters;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Power of two choices over peak EWMA among ten endpoints, and the answer's latency noted. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class BalancerPickBenchmark {
  private static final long LATENCY_NANOS = 300_000;

  private final ProxyConfiguration configuration = Served.configuration();
  private final Cluster cluster = Objects.requireNonNull(configuration.cluster(Served.CLUSTER));
  private final InetSocketAddress destination =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 80);
  private final EventLoopUpstreams upstreams =
      new EventLoopUpstreams(
          address -> false,
          NameResolution.ofSystem(),
          new SharedClusters(
              GlobalEventExecutor.INSTANCE, new HealthMetrics(new SimpleMeterRegistry())),
          new SplittableRandom(1),
          System::nanoTime);

  @Benchmark
  public PickedEndpoint pick() {
    PickedEndpoint picked =
        Objects.requireNonNull(upstreams.pick(configuration, cluster, destination, Set.of(), 0));
    picked.finished(LATENCY_NANOS, Outcome.SUCCESS);
    return picked;
  }
}
