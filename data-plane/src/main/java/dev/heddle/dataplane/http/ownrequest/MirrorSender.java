package dev.heddle.dataplane.http.ownrequest;

import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.http.exchange.RequestMirror;
import dev.heddle.dataplane.http.exchange.UpstreamSource;
import dev.heddle.dataplane.http.message.HeaderNames;
import dev.heddle.dataplane.telemetry.MirrorOutcome;
import dev.heddle.dataplane.telemetry.TrafficObserver;
import dev.heddle.dataplane.upstream.PickedEndpoint;
import dev.heddle.dataplane.upstream.Upstreams;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sends copies of requests. One per event loop, which carries a bounded number of them at a time;
 * what is beyond it is counted and not sent.
 */
public final class MirrorSender implements RequestMirror {
  private static final int MAX_IN_FLIGHT = 256;
  private static final long DEFAULT_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(15);

  private final EventLoop eventLoop;
  private final Upstreams upstreams;
  private final UpstreamSource source;
  private final TrafficObserver observer;
  private final AsciiString sourceHeader;
  private int inFlight;

  /**
   * Makes the sender of one loop.
   *
   * @param sourceHeader the value of {@code heddle-source}; empty for none
   */
  public MirrorSender(
      EventLoop eventLoop,
      Upstreams upstreams,
      UpstreamSource source,
      TrafficObserver observer,
      AsciiString sourceHeader) {
    this.eventLoop = eventLoop;
    this.upstreams = upstreams;
    this.source = source;
    this.observer = observer;
    this.sourceHeader = sourceHeader;
  }

  @Override
  public void send(
      Target target, List<ByteBuf> body, @Nullable HttpHeaders trailers, Origin origin) {
    String cluster = target.cluster().name();
    if (inFlight >= MAX_IN_FLIGHT) {
      observer.requestMirrored(cluster, MirrorOutcome.OVERFLOW);
      return;
    }
    PickedEndpoint picked =
        upstreams.pick(origin.configuration(), target.cluster(), origin.destination(), Set.of(), 0);
    if (picked == null) {
      observer.requestMirrored(cluster, MirrorOutcome.NO_ENDPOINT);
      return;
    }
    HttpHeaders headers = target.head().headers();
    if (picked.tls() != null && !sourceHeader.isEmpty() && !origin.inbound()) {
      headers.set(HeaderNames.HEDDLE_SOURCE, sourceHeader);
    }
    body.forEach(ByteBuf::retain);
    inFlight++;
    MirrorAttempt attempt =
        new MirrorAttempt(
            picked,
            HttpProtocol.upstream(target.cluster().protocol(), origin.protocol()),
            target.head(),
            body,
            trailers,
            outcome -> {
              inFlight--;
              observer.requestMirrored(cluster, outcome);
            });
    attempt.open(
        source,
        eventLoop,
        origin.timeoutNanos() == 0 ? DEFAULT_TIMEOUT_NANOS : origin.timeoutNanos());
  }
}
