package dev.heddle.dataplane.http.harness;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** An HTTP/1 server that does with each connection exactly what a test says. */
public final class RawServer implements AutoCloseable {
  private final ServerSocket server;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private final List<String> heads = new CopyOnWriteArrayList<>();
  private final AtomicInteger connections = new AtomicInteger();

  /** Serves one connection. */
  @FunctionalInterface
  public interface Behaviour {
    void serve(Connection connection) throws IOException;
  }

  public RawServer(Behaviour behaviour) throws IOException {
    this(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), behaviour);
  }

  /** Serves what a socket that is bound accepts, and closes it in the end. */
  public RawServer(ServerSocket bound, Behaviour behaviour) {
    server = bound;
    Thread.ofVirtual().start(() -> accept(behaviour));
  }

  /** Answers every request on a connection with 200 and the given body. */
  public static RawServer answering(String body) throws IOException {
    return new RawServer(connection -> {
      while (connection.readRequest()) {
        connection.send("HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
      }
    });
  }

  /**
   * Answers one request on a connection with a body of a size.
   *
   * @param written counts the body's bytes as they are taken off its hands
   */
  public static RawServer sending(int size, AtomicLong written) throws IOException {
    return new RawServer(connection -> {
      connection.readHead();
      connection.send("HTTP/1.1 200 OK\r\nContent-Length: " + size + "\r\n\r\n");
      byte[] block = new byte[64 << 10];
      for (int i = 0; i < size / block.length; i++) {
        connection.out().write(block);
        written.addAndGet(block.length);
      }
    });
  }

  private void accept(Behaviour behaviour) {
    try {
      while (true) {
        Socket socket = server.accept();
        sockets.add(socket);
        int number = connections.incrementAndGet();
        Thread.ofVirtual()
            .start(() -> {
              try (socket) {
                behaviour.serve(new Connection(socket, number));
              } catch (IOException e) {
                // The peer closed first, which the test that cares about sees on its own side.
                sockets.remove(socket);
              }
            });
      }
    } catch (IOException e) {
      // The server socket was closed: no more connections are wanted.
      return;
    }
  }

  public InetSocketAddress address() {
    return (InetSocketAddress) server.getLocalSocketAddress();
  }

  /** Heads of all requests so far. */
  public List<String> heads() {
    return heads;
  }

  /** Refuses new connections; those it has stay. */
  public void stopListening() throws IOException {
    server.close();
  }

  public int connections() {
    return connections.get();
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  /** One accepted connection. */
  public final class Connection {
    private final InputStream in;
    private final OutputStream out;
    private final Socket socket;
    private final int number;

    private Connection(Socket socket, int number) throws IOException {
      this.socket = socket;
      this.number = number;
      this.in = new BufferedInputStream(socket.getInputStream());
      this.out = socket.getOutputStream();
    }

    /** 1 for the first connection of the server. */
    public int number() {
      return number;
    }

    public InputStream in() {
      return in;
    }

    public OutputStream out() {
      return out;
    }

    /** Closes with a reset instead of an orderly end. */
    public void reset() throws IOException {
      try {
        socket.setSoLinger(true, 0);
      } catch (SocketException e) {
        // Closed by the peer already.
      }
      socket.close();
    }

    /** Reads a head and the body that Content-Length states; false at the end of the connection. */
    public boolean readRequest() throws IOException {
      String head = readHead();
      if (head.isEmpty()) {
        return false;
      }
      String lower = head.toLowerCase(java.util.Locale.ROOT);
      int at = lower.indexOf("\ncontent-length: ");
      if (at >= 0) {
        in.skipNBytes(Integer.parseInt(lower.substring(at + 17, lower.indexOf('\n', at + 17))));
      }
      return true;
    }

    /** The head with lines that end in a line feed; empty at the end of the connection. */
    public String readHead() throws IOException {
      StringBuilder head = new StringBuilder();
      int c;
      while ((c = in.read()) >= 0) {
        if (c != '\r') {
          head.append((char) c);
        }
        if (c == '\n' && head.length() >= 2 && head.charAt(head.length() - 2) == '\n') {
          heads.add(head.toString());
          return head.toString();
        }
      }
      return "";
    }

    public void send(String text) throws IOException {
      out.write(text.getBytes(StandardCharsets.ISO_8859_1));
      out.flush();
    }
  }
}
