package dev.heddle.dataplane.trace;

import java.security.SecureRandom;
import java.util.SplittableRandom;

/** Ids that no other proxy has. One per event loop. */
public final class SpanIds {

  /** Split, so that two proxies do not walk along the same sequence. */
  private final SplittableRandom random =
      new SplittableRandom(new SecureRandom().nextLong()).split();

  /** The first span of a trace. */
  public TraceContext root(boolean sampled) {
    return new TraceContext(id(), id(), id(), sampled);
  }

  /** A span below another one. */
  public TraceContext child(TraceContext parent) {
    return new TraceContext(parent.traceIdHigh(), parent.traceIdLow(), id(), parent.sampled());
  }

  private long id() {
    long id = random.nextLong();
    while (id == 0) {
      id = random.nextLong();
    }
    return id;
  }
}
