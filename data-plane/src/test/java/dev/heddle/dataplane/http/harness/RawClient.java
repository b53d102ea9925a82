package dev.heddle.dataplane.http.harness;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;

/** An HTTP/1 client that sends exactly the bytes it is told to. */
public final class RawClient implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 10_000;

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;

  public RawClient(InetSocketAddress address) throws IOException {
    this(address, 0);
  }

  /**
   * Connects.
   *
   * @param receiveBuffer in bytes; 0 for the system's
   */
  public RawClient(InetSocketAddress address, int receiveBuffer) throws IOException {
    this(connect(address, receiveBuffer));
  }

  /** Takes over a socket that is connected. */
  public RawClient(Socket connected) throws IOException {
    socket = connected;
    socket.setSoTimeout(TIMEOUT_MILLIS);
    in = new BufferedInputStream(socket.getInputStream());
    out = socket.getOutputStream();
  }

  private static Socket connect(InetSocketAddress address, int receiveBuffer) throws IOException {
    Socket socket = new Socket();
    if (receiveBuffer > 0) {
      socket.setReceiveBufferSize(receiveBuffer);
    }
    socket.connect(address, TIMEOUT_MILLIS);
    return socket;
  }

  public RawClient send(String text) throws IOException {
    return send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** A message's head: the lines and the empty one after them. */
  public static String lines(String... lines) {
    return String.join("\r\n", lines) + "\r\n\r\n";
  }

  public RawClient send(byte[] bytes) throws IOException {
    out.write(bytes);
    out.flush();
    return this;
  }

  public InputStream in() {
    return in;
  }

  /** The next response's head, and its body where Content-Length or chunked coding ends it. */
  public String response() throws IOException {
    String head = head();
    StringBuilder response = new StringBuilder(head);
    String lower = head.toLowerCase(java.util.Locale.ROOT);
    int length = lower.indexOf("\r\ncontent-length: ");
    if (length >= 0) {
      int from = length + 18;
      int size = Integer.parseInt(lower.substring(from, lower.indexOf("\r\n", from)));
      response.append(new String(in.readNBytes(size), StandardCharsets.ISO_8859_1));
    } else if (lower.contains("\r\ntransfer-encoding: chunked")) {
      String line;
      do {
        line = line();
        int size = Integer.parseInt(line, 16);
        response.append(new String(in.readNBytes(size), StandardCharsets.ISO_8859_1));
        if (size > 0) {
          line();
        }
        line = size == 0 ? "" : line;
      } while (!line.isEmpty());
      for (String trailer = line(); !trailer.isEmpty(); trailer = line()) {
        response.append('\n').append(trailer);
      }
    }
    return response.toString();
  }

  /** Up to and with the empty line; what there is when the connection ends. */
  public String head() throws IOException {
    StringBuilder head = new StringBuilder();
    String line;
    do {
      line = line();
      head.append(line).append("\r\n");
    } while (!line.isEmpty());
    return head.toString();
  }

  private String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    int c;
    while ((c = in.read()) >= 0 && c != '\n') {
      if (c != '\r') {
        line.write(c);
      }
    }
    return line.toString(StandardCharsets.ISO_8859_1);
  }

  /** Everything until the other side closes. */
  public String rest() throws IOException {
    try {
      return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
    } catch (SocketException e) {
      return "";
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
