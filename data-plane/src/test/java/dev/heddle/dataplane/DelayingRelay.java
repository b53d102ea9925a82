package dev.heddle.dataplane;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Carries bytes between two sockets later than they come, each piece by another time. */
final class DelayingRelay implements AutoCloseable {
  private static final long LEAST_MILLIS = 30;
  private static final long MOST_MILLIS = 90;
  private static final int PIECES_ON_THE_WAY = 256;

  private final ServerSocket server = new ServerSocket(0, 128, InetAddress.getLoopbackAddress());
  private final InetSocketAddress target;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();

  private record Piece(ByteBuffer bytes, long dueNanos) {}

  DelayingRelay(InetSocketAddress target) throws IOException {
    this.target = target;
    Thread.ofVirtual().start(this::accept);
  }

  InetSocketAddress address() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getLocalPort());
  }

  private void accept() {
    try {
      while (true) {
        Socket near = opened(server.accept());
        Socket far = opened(new Socket(target.getAddress(), target.getPort()));
        carry(near, far);
        carry(far, near);
      }
    } catch (IOException e) {
      // Closed, or the target is gone: what is open ends with it.
      close();
    }
  }

  private Socket opened(Socket socket) throws IOException {
    socket.setTcpNoDelay(true);
    open.add(socket);
    return socket;
  }

  private void carry(Socket from, Socket to) {
    BlockingQueue<Piece> onTheWay = new LinkedBlockingQueue<>(PIECES_ON_THE_WAY);
    Thread.ofVirtual().start(() -> read(from, onTheWay));
    Thread.ofVirtual().start(() -> write(onTheWay, from, to));
  }

  private static void read(Socket from, BlockingQueue<Piece> onTheWay) {
    byte[] buffer = new byte[16 * 1024];
    try {
      InputStream in = from.getInputStream();
      int length;
      do {
        length = in.read(buffer);
        ByteBuffer bytes = ByteBuffer.wrap(Arrays.copyOf(buffer, Math.max(0, length)));
        long delay = ThreadLocalRandom.current().nextLong(LEAST_MILLIS, MOST_MILLIS);
        onTheWay.put(new Piece(bytes, System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(delay)));
      } while (length > 0);
    } catch (IOException e) {
      onTheWay.offer(new Piece(ByteBuffer.allocate(0), System.nanoTime()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** An empty piece is the end, after which both sides are closed. */
  private void write(BlockingQueue<Piece> onTheWay, Socket from, Socket to) {
    try (from;
        to) {
      OutputStream out = to.getOutputStream();
      for (Piece piece = onTheWay.take(); piece.bytes().hasRemaining(); piece = onTheWay.take()) {
        for (long wait; (wait = piece.dueNanos() - System.nanoTime()) > 0; ) {
          LockSupport.parkNanos(wait);
        }
        out.write(piece.bytes().array());
      }
    } catch (IOException e) {
      // One side is gone; closing tells the other.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      open.remove(from);
      open.remove(to);
    }
  }

  @Override
  public void close() {
    try {
      server.close();
      for (Socket socket : open) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
