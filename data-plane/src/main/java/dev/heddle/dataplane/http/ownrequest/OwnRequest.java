package dev.heddle.dataplane.http.ownrequest;

import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.http.exchange.DeadlineTimer;
import dev.heddle.dataplane.http.exchange.UpstreamConsumer;
import dev.heddle.dataplane.http.exchange.UpstreamStream;
import dev.heddle.dataplane.http.message.ResponseHead;
import dev.heddle.dataplane.upstream.Outcome;
import dev.heddle.dataplane.upstream.PickedEndpoint;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * A request that the proxy makes on its own, over a pooled connection. It ends once; what comes
 * afterwards is dropped. Whoever opens it sees to it that it ends in time.
 */
public abstract class OwnRequest implements UpstreamConsumer {
  private final PickedEndpoint picked;
  private final HttpProtocol protocol;
  private final long startNanos = DeadlineTimer.now();
  private long latencyNanos = -1;
  private @Nullable UpstreamStream stream;
  private boolean over;

  protected OwnRequest(PickedEndpoint picked, HttpProtocol protocol) {
    this.picked = picked;
    this.protocol = protocol;
  }

  /** Writes the whole request. */
  protected abstract void send(UpstreamStream opened);

  protected final boolean isOver() {
    return over;
  }

  /** Lets the server send as much again. */
  protected final void consumed(int bytes) {
    UpstreamStream sent = stream;
    if (!over && sent != null) {
      sent.consumed(bytes);
    }
  }

  /**
   * Keeps a part of the answer's body and lets the server send as much again.
   *
   * @param data released
   * @param body bounded by its maximum capacity
   * @return false if it does not fit; then nothing of it is kept
   */
  protected final boolean keep(ByteBuf data, ByteBuf body) {
    int bytes = data.readableBytes();
    boolean fits = bytes <= body.maxWritableBytes();
    if (fits && !over) {
      body.writeBytes(data);
    }
    data.release();
    if (fits) {
      consumed(bytes);
    }
    return fits || over;
  }

  /** Ends it from this side. */
  protected final void cancelStream() {
    UpstreamStream sent = stream;
    if (!over && sent != null) {
      sent.cancel();
    }
  }

  /** Takes the time that the endpoint needed to answer; the first call counts. */
  protected final void answered() {
    if (!over && latencyNanos < 0) {
      latencyNanos = DeadlineTimer.now() - startNanos;
    }
  }

  /**
   * Ends it, and with it the load that the endpoint has from it.
   *
   * @param outcome what is learnt of the endpoint
   * @return false if it had ended before
   */
  protected boolean end(Outcome outcome) {
    if (over) {
      return false;
    }
    if (outcome == Outcome.SUCCESS) {
      answered();
    }
    over = true;
    picked.finished(latencyNanos, outcome);
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
