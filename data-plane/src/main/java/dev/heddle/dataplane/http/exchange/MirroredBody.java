package dev.heddle.dataplane.http.exchange;

import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.http.message.RequestHead;
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
  private final List<Target> targets;
  private final int maxBytes;
  private List<ByteBuf> kept = new ArrayList<>(2);
  private int bytes;
  private boolean tooLarge;

  /**
   * Who gets a copy.
   *
   * @param head with headers of its own
   */
  record Target(Cluster cluster, RequestHead head) {}

  MirroredBody(List<Target> targets, int maxBytes) {
    this.targets = targets;
    this.maxBytes = maxBytes;
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
  void send(MirrorSender sender, MirrorSender.Origin origin, @Nullable HttpHeaders trailers) {
    for (Target target : targets) {
      if (tooLarge) {
        sender.tooLarge(target.cluster().name());
      } else {
        sender.send(target, List.copyOf(kept), trailers, origin);
      }
    }
    discard();
  }

  void discard() {
    kept.forEach(ByteBuf::release);
    kept = new ArrayList<>(0);
  }
}
