package dev.heddle.dataplane.http.ownrequest;

import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.http.exchange.UpstreamSource;
import dev.heddle.dataplane.upstream.Outcome;
import dev.heddle.dataplane.upstream.PickedEndpoint;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A request of the proxy's own with a time limit. */
abstract class TimedRequest extends OwnRequest {
  private @Nullable Future<?> timeout;

  TimedRequest(PickedEndpoint picked, HttpProtocol protocol) {
    super(picked, protocol);
  }

  /** Begins. */
  final void open(UpstreamSource source, EventLoop eventLoop, long timeoutNanos) {
    timeout = eventLoop.schedule(this::timedOut, timeoutNanos, TimeUnit.NANOSECONDS);
    source.open(this);
  }

  /** Its time is over: ends it. */
  abstract void timedOut();

  @Override
  protected final boolean end(Outcome outcome) {
    if (!super.end(outcome)) {
      return false;
    }
    Future<?> pending = timeout;
    if (pending != null) {
      pending.cancel(false);
    }
    return true;
  }
}
