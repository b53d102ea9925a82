package dev.heddle.dataplane.http.exchange;

import dev.heddle.dataplane.config.ProxyConfiguration;
import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.http.message.HeaderNames;
import dev.heddle.dataplane.telemetry.MirrorOutcome;
import dev.heddle.dataplane.telemetry.TrafficObserver;
import dev.heddle.dataplane.upstream.PickedEndpoint;
import dev.heddle.dataplane.upstream.Upstreams;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sends copies of requests, whose answers nobody waits for. One per event loop, which carries a
 * bounded number of them at a time; what is beyond it is counted and not sent.
 */
public final class MirrorSender {
  private static final int MAX_IN_FLIGHT = 256;
  private static final long DEFAULT_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(15);

  private final EventLoop eventLoop;
  private final Upstreams upstreams;
  private final UpstreamSource source;
  private final TrafficObserver observer;
  private final AsciiString sourceHeader;
  private int inFlight;

  /**
   * Where the original stands.
   *
   * @param timeoutNanos of its route; 0 for none, which copies do not get
   */
  record Origin(
      ProxyConfiguration configuration,
      HttpProtocol protocol,
      InetSocketAddress destination,
      boolean inbound,
      long timeoutNanos) {}

  MirrorSender(
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

  /** Counts one whose body is beyond the bound. */
  void tooLarge(String cluster) {
    observer.requestMirrored(cluster, MirrorOutcome.TOO_LARGE);
  }

  /**
   * Sends one.
   *
   * @param body of which references are taken
   */
  void send(
      MirroredBody.Target target,
      List<ByteBuf> body,
      @Nullable HttpHeaders trailers,
      Origin origin) {
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
    HttpProtocol protocol =
        switch (target.cluster().protocol()) {
          case HTTP1 -> HttpProtocol.HTTP1;
          case HTTP2 -> HttpProtocol.HTTP2;
          case SAME_AS_DOWNSTREAM -> origin.protocol();
        };
    body.forEach(ByteBuf::retain);
    inFlight++;
    MirrorAttempt attempt =
        new MirrorAttempt(
            picked,
            protocol,
            target.head(),
            body,
            trailers,
            outcome -> {
              inFlight--;
              observer.requestMirrored(cluster, outcome);
            });
    long timeout = origin.timeoutNanos() == 0 ? DEFAULT_TIMEOUT_NANOS : origin.timeoutNanos();
    attempt.bound(eventLoop.schedule(attempt::timedOut, timeout, TimeUnit.NANOSECONDS));
    source.open(attempt);
  }
}
