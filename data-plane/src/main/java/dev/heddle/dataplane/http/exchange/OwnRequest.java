package dev.heddle.dataplane.http.exchange;

import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.http.message.ResponseHead;
import dev.heddle.dataplane.upstream.PickedEndpoint;
import io.netty.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * A request that the proxy makes on its own, over a pooled connection. It ends once; what comes
 * afterwards is dropped.
 */
public abstract class OwnRequest implements UpstreamConsumer {
  private final PickedEndpoint picked;
  private final HttpProtocol protocol;
  private final long startNanos = DeadlineTimer.now();
  private @Nullable UpstreamStream stream;
  private @Nullable Future<?> timeout;
  private boolean over;

  protected OwnRequest(PickedEndpoint picked, HttpProtocol protocol) {
    this.picked = picked;
    this.protocol = protocol;
  }

  /** Writes the whole request. */
  protected abstract void send(UpstreamStream opened);

  /** Is cancelled at the end. */
  protected final void bound(Future<?> atTimeout) {
    timeout = atTimeout;
  }

  protected final boolean isOver() {
    return over;
  }

  /** When it began, as {@link DeadlineTimer#now}. */
  protected final long startNanos() {
    return startNanos;
  }

  /** Lets the server send as much again. */
  protected final void consumed(int bytes) {
    UpstreamStream sent = stream;
    if (!over && sent != null) {
      sent.consumed(bytes);
    }
  }

  /** Ends it from this side. */
  protected final void cancelStream() {
    UpstreamStream sent = stream;
    if (!over && sent != null) {
      sent.cancel();
    }
  }

  /**
   * Ends it.
   *
   * @return false if it had ended before
   */
  protected final boolean end() {
    if (over) {
      return false;
    }
    over = true;
    Future<?> atTimeout = timeout;
    if (atTimeout != null) {
      atTimeout.cancel(false);
    }
    return true;
  }

  @Override
  public final PickedEndpoint picked() {
    return picked;
  }

  @Override
  public final HttpProtocol protocol() {
    return protocol;
  }

  @Override
  public final boolean freshConnection() {
    return false;
  }

  @Override
  public final boolean abandoned() {
    return over;
  }

  @Override
  public final void onStream(UpstreamStream opened) {
    if (over) {
      opened.cancel();
      return;
    }
    stream = opened;
    send(opened);
  }

  @Override
  public final void onInformational(ResponseHead head) {}

  @Override
  public final void onWritable() {}
}
