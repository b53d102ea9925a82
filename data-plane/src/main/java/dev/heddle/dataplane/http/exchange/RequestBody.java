package dev.heddle.dataplane.http.exchange;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request's body on its way to the server. What of it has come in is kept while it may have to be
 * sent (again); beyond the bound it is sent once and forgotten, and the request can no longer be
 * retried. The client may send more once the server can take it.
 */
final class RequestBody {
  private final DownstreamStream downstream;
  private final int maxKept;
  private @Nullable List<ByteBuf> kept;
  private @Nullable MirroredBody mirrored;
  private int keptBytes;
  private int owed;
  private boolean keeping = true;
  private boolean ended;
  private @Nullable HttpHeaders trailers;

  /**
   * Nothing has come in yet.
   *
   * @param downstream whose bytes are given back
   */
  RequestBody(DownstreamStream downstream, int maxKept) {
    this.downstream = downstream;
    this.maxKept = maxKept;
  }

  /** Keeps references of its own to the data, as far as they are needed. */
  void add(ByteBuf data) {
    keep(data);
    if (mirrored != null) {
      mirrored.add(data);
    }
  }

  private void keep(ByteBuf data) {
    if (!keeping || !data.isReadable()) {
      return;
    }
    List<ByteBuf> list = kept;
    if (list == null) {
      list = new ArrayList<>(4);
      kept = list;
    }
    list.add(data.retainedSlice());
    keptBytes += data.readableBytes();
  }

  void end(@Nullable HttpHeaders trailers) {
    ended = true;
    this.trailers = trailers;
  }

  /** Whether nothing but the head is to be sent. */
  boolean empty() {
    return keptBytes == 0 && trailers == null;
  }

  boolean ended() {
    return ended;
  }

  /** Whether all of it can be sent again. */
  boolean repeatable() {
    return keeping;
  }

  /** Writes all that is kept; only while {@link #repeatable}. */
  void writeTo(UpstreamStream stream) {
    List<ByteBuf> list = kept == null ? List.of() : kept;
    int size = list.size();
    HttpHeaders atEnd = trailers;
    for (int i = 0; i < size; i++) {
      ByteBuf data = list.get(i).retainedSlice();
      stream.writeData(data, ended && atEnd == null && i == size - 1);
    }
    if (ended && atEnd != null) {
      stream.writeTrailers(atEnd);
    }
    forgetBeyondBound();
  }

  /** Passes on what has just been added; takes over the buffer. */
  void pass(ByteBuf data, boolean end, UpstreamStream stream) {
    int size = data.readableBytes();
    stream.writeData(data, end);
    forgetBeyondBound();
    owed += size;
    credit(stream);
  }

  /** What has just been added waits for a stream; takes over the buffer. */
  void hold(ByteBuf data) {
    owed += data.readableBytes();
    data.release();
  }

  /** Lets the client send more if the stream can take it. */
  void credit(UpstreamStream stream) {
    if (owed > 0 && stream.writable()) {
      int bytes = owed;
      owed = 0;
      downstream.consumed(bytes);
    }
  }

  private void forgetBeyondBound() {
    if (keptBytes > maxKept) {
      forget();
    }
  }

  /** Keeps nothing any more to send it again. */
  void forget() {
    keeping = false;
    List<ByteBuf> list = kept;
    if (list != null) {
      for (int i = 0; i < list.size(); i++) {
        list.get(i).release();
      }
      kept = null;
    }
  }

  /** Copies go to other clusters as well, of what came in so far and of what comes. */
  void mirror(@Nullable MirroredBody copy) {
    if (copy != null && kept != null) {
      kept.forEach(copy::add);
    }
    mirrored = copy;
  }

  /** Whether copies wait for the body to be complete. */
  boolean mirrored() {
    return mirrored != null;
  }

  /** Sends the copies of a body that is complete. */
  void sendCopies(RequestMirror mirror, RequestMirror.Origin origin) {
    MirroredBody copy = mirrored;
    if (copy != null) {
      mirrored = null;
      copy.send(mirror, origin, trailers);
    }
  }

  /** Lets go of everything. */
  void discard() {
    forget();
    if (mirrored != null) {
      mirrored.discard();
      mirrored = null;
    }
  }
}
