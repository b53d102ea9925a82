package dev.heddle.dataplane.loopback;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** A server with a thread per connection, as plain as an application's. */
public final class TestServer implements AutoCloseable {

  /** Serves one connection. */
  @FunctionalInterface
  public interface Session {
    void serve(Socket socket, InputStream input, OutputStream output) throws IOException;
  }

  private final ServerSocket server;
  private final AtomicInteger accepted = new AtomicInteger();
  private final AtomicLong received = new AtomicLong();

  private TestServer(Session session) {
    try {
      server = new ServerSocket(0, 128, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().start(() -> accept(session));
  }

  public static TestServer start(Session session) {
    return new TestServer(session);
  }

  /** Sends back what it gets, and ends when the client does. */
  public static TestServer echo() {
    return start((socket, input, output) -> input.transferTo(output));
  }

  /** Speaks first, and then sends back what it gets. */
  public static TestServer greeting(String words) {
    return start((socket, input, output) -> {
      output.write(words.getBytes(StandardCharsets.UTF_8));
      output.flush();
      input.transferTo(output);
    });
  }

  public int port() {
    return server.getLocalPort();
  }

  public int accepted() {
    return accepted.get();
  }

  @Override
  public void close() throws IOException {
    server.close();
  }

  /** Bytes that clients have sent, as far as the sessions have read them. */
  public long received() {
    return received.get();
  }

  private void accept(Session session) {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        accepted.incrementAndGet();
        Thread.ofVirtual().start(() -> serve(session, socket));
      } catch (IOException e) {
        return; // Closed by the test.
      }
    }
  }

  private void serve(Session session, Socket socket) {
    try (socket;
        InputStream input = new Counted(socket.getInputStream())) {
      session.serve(socket, input, socket.getOutputStream());
    } catch (IOException e) {
      // The other side went away: what that means is for the test to say, at its end of the proxy.
    }
  }

  private final class Counted extends FilterInputStream {
    Counted(InputStream input) {
      super(input);
    }

    @Override
    public int read() throws IOException {
      int value = super.read();
      if (value >= 0) {
        received.incrementAndGet();
      }
      return value;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int count = super.read(bytes, offset, length);
      if (count > 0) {
        received.addAndGet(count);
      }
      return count;
    }
  }
}
