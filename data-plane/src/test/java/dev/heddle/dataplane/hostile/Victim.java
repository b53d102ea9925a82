package dev.heddle.dataplane.hostile;

import dev.heddle.dataplane.http.harness.RawServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * An HTTP/1 application that answers every complete request with 200 and writes down, byte by byte,
 * what it was sent. It reads by the book (RFC 9112), so what it takes for a request is what any
 * server would.
 */
final class Victim implements AutoCloseable {
  static final String ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  private final RawServer server;
  private final List<Request> requests = new CopyOnWriteArrayList<>();

  /**
   * A complete request.
   *
   * @param head with the empty line
   * @param body decoded
   */
  record Request(int connection, String head, String body) {
    String line() {
      return head.substring(0, head.indexOf('\r'));
    }

    String target() {
      return line().split(" ", 3)[1];
    }

    boolean has(String headerName) {
      return lower().contains("\r\n" + headerName.toLowerCase(Locale.ROOT) + ":");
    }

    String header(String name) {
      String start = "\r\n" + name.toLowerCase(Locale.ROOT) + ":";
      int at = lower().indexOf(start);
      return at < 0
          ? ""
          : head.substring(at + start.length(), head.indexOf('\r', at + start.length())).strip();
    }

    private String lower() {
      return head.toLowerCase(Locale.ROOT);
    }
  }

  Victim() throws IOException {
    server = new RawServer(this::serve);
  }

  private void serve(RawServer.Connection connection) throws IOException {
    InputStream in = connection.in();
    for (String head = head(in); !head.isEmpty(); head = head(in)) {
      Request framed = new Request(connection.number(), head, "");
      String body = "";
      if (framed.header("transfer-encoding").equalsIgnoreCase("chunked")) {
        body = chunked(in);
      } else if (framed.has("content-length")) {
        body = exactly(in, Integer.parseInt(framed.header("content-length")));
      }
      requests.add(new Request(connection.number(), head, body));
      connection.send(ANSWER);
    }
  }

  /** With its line ends; empty at the end of the connection. */
  private static String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    int c;
    while ((c = in.read()) >= 0) {
      head.append((char) c);
      if (c == '\n' && head.length() >= 4 && head.indexOf("\r\n\r\n", head.length() - 4) >= 0) {
        return head.toString();
      }
    }
    return "";
  }

  private static String chunked(InputStream in) throws IOException {
    StringBuilder body = new StringBuilder();
    while (true) {
      int size = Integer.parseInt(line(in), 16);
      if (size == 0) {
        String trailer;
        do {
          trailer = line(in);
        } while (!trailer.isEmpty());
        return body.toString();
      }
      body.append(exactly(in, size));
      if (!line(in).isEmpty()) {
        throw new IOException("no line end after a chunk");
      }
    }
  }

  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    int previous = -1;
    int c;
    while ((c = in.read()) >= 0) {
      if (c == '\n' && previous == '\r') {
        String text = line.toString(StandardCharsets.ISO_8859_1);
        return text.substring(0, text.length() - 1);
      }
      line.write(c);
      previous = c;
    }
    throw new IOException("the connection ended within a message");
  }

  private static String exactly(InputStream in, int size) throws IOException {
    byte[] bytes = in.readNBytes(size);
    if (bytes.length < size) {
      throw new IOException("the connection ended within a body");
    }
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  InetSocketAddress address() {
    return server.address();
  }

  /** How many were opened so far. */
  int connections() {
    return server.connections();
  }

  /** Complete requests so far. */
  List<Request> requests() {
    return requests;
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
