package dev.heddle.dataplane.http.exchange;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What of a request's body has come in so far, kept while it may have to be sent (again). Beyond
 * the bound it is sent once and forgotten, and the request can no longer be retried.
 */
final class RequestBody {
  private final int maxKept;
  private @Nullable List<ByteBuf> kept;
  private int keptBytes;
  private boolean keeping = true;
  private boolean ended;
  private @Nullable HttpHeaders trailers;

  RequestBody(int maxKept) {
    this.maxKept = maxKept;
  }

  /** Keeps a reference of its own to the data. */
  void add(ByteBuf data) {
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

  @Nullable HttpHeaders trailers() {
    return trailers;
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

  /** Gives what came in so far to a copy. */
  void copyTo(MirroredBody copy) {
    if (kept != null) {
      kept.forEach(copy::add);
    }
  }

  /** Called after something was sent. */
  void forgetBeyondBound() {
    if (keptBytes > maxKept) {
      forget();
    }
  }

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
}
