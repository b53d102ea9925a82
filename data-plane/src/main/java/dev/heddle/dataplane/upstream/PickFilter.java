package dev.heddle.dataplane.upstream;

import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.upstream.Candidates.Candidate;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Who may be picked now. One for all picks of a cluster, so that none allocates its own. */
final class PickFilter implements Candidates.Eligible {
  private long now;
  private Set<InetSocketAddress> tried = Set.of();
  private Cluster.@Nullable SlowStart slowStart;
  private @Nullable RandomGenerator random;
  private boolean anybody;

  /** For a new pick: nobody that was tried or is avoided, and new endpoints only now and then. */
  void reset(
      long time,
      Set<InetSocketAddress> without,
      Cluster.@Nullable SlowStart ramp,
      RandomGenerator generator) {
    now = time;
    tried = without;
    slowStart = ramp;
    random = generator;
    anybody = false;
  }

  /** There is nobody else. */
  void allowAvoided() {
    anybody = true;
  }

  /** There is nobody else. */
  void allowTried() {
    tried = Set.of();
  }

  @Override
  public boolean test(Candidate candidate) {
    return (tried.isEmpty() || !tried.contains(candidate.endpoint().address()))
        && (anybody || (!candidate.state().avoided(now) && ripe(candidate.state())));
  }

  /** An endpoint in its slow start takes the part of its turns that its age allows. */
  private boolean ripe(EndpointState state) {
    Cluster.SlowStart ramp = slowStart;
    if (ramp == null || random == null) {
      return true;
    }
    double age = (double) state.ageNanos(now) / ramp.window().toNanos();
    if (age >= 1) {
      return true;
    }
    double share =
        Math.max(ramp.minWeightPercent() / 100, Math.pow(Math.max(0, age), 1 / ramp.aggression()));
    return random.nextDouble() < share;
  }
}
