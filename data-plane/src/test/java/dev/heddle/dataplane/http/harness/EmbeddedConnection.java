package dev.heddle.dataplane.http.harness;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;

/**
 * A connection without a socket. As with a socket, the proxy gets bytes only after it has asked for
 * them, in the pieces in which they were sent.
 */
public final class EmbeddedConnection extends EmbeddedChannel {
  private final ByteArrayOutputStream received = new ByteArrayOutputStream();
  private final ArrayDeque<byte[]> sent = new ArrayDeque<>();
  private boolean ended;
  private boolean readWanted;

  EmbeddedConnection(ByteBufAllocator allocator) {
    config().setAutoRead(false);
    config().setAllocator(allocator);
    readWanted = false;
  }

  @Override
  protected void doBeginRead() {
    readWanted = true;
  }

  /** Sends one piece to the proxy; it arrives when {@link EmbeddedProxy#settle} runs. */
  public void send(byte[] piece) {
    sent.add(piece);
  }

  /** Closes the peer's end behind what was sent. */
  public void end() {
    ended = true;
  }

  /** All that the proxy has written so far. */
  public byte[] received() {
    return received.toByteArray();
  }

  int receivedBytes() {
    return received.size();
  }

  /** Whether the proxy lets the connection live. */
  public boolean alive() {
    return isOpen();
  }

  /** Moves what can be moved; whether anything was. */
  boolean move() {
    runPendingTasks();
    checkException();
    boolean moved = collect();
    if (isOpen() && readWanted && !sent.isEmpty()) {
      byte[] piece = sent.remove();
      readWanted = false;
      writeInbound(alloc().buffer(Math.max(1, piece.length)).writeBytes(piece));
      moved = true;
    } else if (isOpen() && sent.isEmpty() && ended) {
      disappear();
      moved = true;
    }
    return collect() || moved;
  }

  /** The connection is gone, whatever the proxy was about to do with it. */
  public void disappear() {
    if (isOpen()) {
      unsafe().close(unsafe().voidPromise());
    }
    runPendingTasks();
    checkException();
    collect();
  }

  private boolean collect() {
    boolean moved = false;
    Object message;
    while ((message = readOutbound()) != null) {
      ByteBuf bytes = (ByteBuf) message;
      moved |= bytes.isReadable();
      received.writeBytes(ByteBufUtil.getBytes(bytes));
      bytes.release();
    }
    return moved;
  }
}
