package dev.heddle.dataplane.http.exchange;

import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.config.ProxyConfiguration;
import dev.heddle.dataplane.config.RouteConfiguration;
import dev.heddle.dataplane.http.message.RequestHead;
import dev.heddle.dataplane.telemetry.MirrorOutcome;
import dev.heddle.dataplane.telemetry.TrafficObserver;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request that clusters get a copy of, while it comes in. It is sent when it is complete; one
 * whose body is larger than the bound is not.
 */
final class MirroredBody {
  private final List<RequestMirror.Target> targets;
  private final TrafficObserver observer;
  private final int maxBytes;
  private List<ByteBuf> kept = new ArrayList<>(2);
  private int bytes;
  private boolean tooLarge;

  private MirroredBody(List<RequestMirror.Target> targets, TrafficObserver observer, int maxBytes) {
    this.targets = targets;
    this.observer = observer;
    this.maxBytes = maxBytes;
  }

  /**
   * Draws who gets a copy of this request.
   *
   * @param outgoing as it is sent on
   * @return null if nobody does
   */
  static @Nullable MirroredBody of(
      List<RouteConfiguration.Mirror> mirrors,
      RequestHead outgoing,
      ProxyConfiguration configuration,
      ExchangeServices services) {
    List<RequestMirror.Target> targets = new ArrayList<>(mirrors.size());
    for (RouteConfiguration.Mirror mirror : mirrors) {
      if (mirror.share().takes(services.random()) && !outgoing.webSocket()) {
        Cluster target = configuration.cluster(mirror.cluster());
        if (target == null) {
          services.observer().requestMirrored(mirror.cluster(), MirrorOutcome.NO_CLUSTER);
        } else {
          targets.add(new RequestMirror.Target(target, outgoing.copy(mirror.hostSuffix())));
        }
      }
    }
    return targets.isEmpty()
        ? null
        : new MirroredBody(targets, services.observer(), services.limits().maxReplayBytes());
  }

  /** Keeps a reference of its own to the data. */
  void add(ByteBuf data) {
    bytes += data.readableBytes();
    if (bytes > maxBytes) {
      tooLarge = true;
      discard();
    } else if (data.isReadable()) {
      kept.add(data.retainedSlice());
    }
  }

  /** Sends the copies; called once, or never. */
  void send(RequestMirror mirror, RequestMirror.Origin origin, @Nullable HttpHeaders trailers) {
    for (RequestMirror.Target target : targets) {
      if (tooLarge) {
        observer.requestMirrored(target.cluster().name(), MirrorOutcome.TOO_LARGE);
      } else {
        mirror.send(target, List.copyOf(kept), trailers, origin);
      }
    }
    discard();
  }

  void discard() {
    kept.forEach(ByteBuf::release);
    kept = new ArrayList<>(0);
  }
}
