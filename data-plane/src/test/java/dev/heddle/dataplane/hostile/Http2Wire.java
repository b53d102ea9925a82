package dev.heddle.dataplane.hostile;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** One end of an HTTP/2 connection, frame by frame, that keeps no rule (RFC 9113, 4 and 6). */
final class Http2Wire implements AutoCloseable {
  static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int PRIORITY = 2;
  static final int RST_STREAM = 3;
  static final int SETTINGS = 4;
  static final int PUSH_PROMISE = 5;
  static final int PING = 6;
  static final int GOAWAY = 7;
  static final int WINDOW_UPDATE = 8;
  static final int CONTINUATION = 9;

  static final int END_STREAM = 0x1;
  static final int ACK = 0x1;
  static final int END_HEADERS = 0x4;

  static final int NO_ERROR = 0x0;
  static final int PROTOCOL_ERROR = 0x1;
  static final int STREAM_CLOSED = 0x5;
  static final int REFUSED_STREAM = 0x7;
  static final int CANCEL = 0x8;
  static final int COMPRESSION_ERROR = 0x9;
  static final int ENHANCE_YOUR_CALM = 0xb;

  static final int SETTINGS_HEADER_TABLE_SIZE = 0x1;
  static final int SETTINGS_INITIAL_WINDOW_SIZE = 0x4;
  static final int SETTINGS_MAX_HEADER_LIST_SIZE = 0x6;

  private final Socket socket;
  private final DataInputStream in;
  private final OutputStream out;
  private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false, 1 << 20);
  private boolean acknowledging = true;

  /** A frame that came in. */
  static final class Frame {
    private final int type;
    private final int flags;
    private final int stream;
    private final byte[] payload;

    private Frame(int type, int flags, int stream, byte[] payload) {
      this.type = type;
      this.flags = flags;
      this.stream = stream;
      this.payload = payload;
    }

    int type() {
      return type;
    }

    int stream() {
      return stream;
    }

    byte[] payload() {
      return payload.clone();
    }

    boolean is(int flag) {
      return (flags & flag) != 0;
    }

    /** Of RST_STREAM and GOAWAY. */
    int error() {
      return ByteBuffer.wrap(payload).getInt(type == GOAWAY ? 4 : 0);
    }
  }

  /**
   * What became of a stream.
   *
   * @param status empty if no answer began
   * @param reset the code of RST_STREAM; -1 if there was none
   * @param goAway the code of GOAWAY; -1 if there was none
   * @param closed whether the connection ended before the stream did
   */
  record Outcome(
      String status,
      @Nullable Http2Headers headers,
      String body,
      int reset,
      int goAway,
      boolean closed) {
    /** Refused without an answer: the stream or the whole connection. */
    boolean refused() {
      return status.isEmpty() && (reset >= 0 || goAway > 0 || closed);
    }
  }

  Http2Wire(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new DataInputStream(socket.getInputStream());
    this.out = socket.getOutputStream();
  }

  /** A client that has sent preface and settings. */
  static Http2Wire client(Socket socket, int... settings) throws IOException {
    return new Http2Wire(socket)
        .send(PREFACE.getBytes(StandardCharsets.US_ASCII))
        .settings(settings);
  }

  /** Stops to acknowledge the other side's settings. */
  Http2Wire neverAcknowledging() {
    acknowledging = false;
    return this;
  }

  Http2Wire send(byte[] bytes) throws IOException {
    out.write(bytes);
    out.flush();
    return this;
  }

  Http2Wire frame(int type, int flags, int stream, byte... payload) throws IOException {
    return send(bytes(type, flags, stream, payload));
  }

  static byte[] bytes(int type, int flags, int stream, byte... payload) {
    return ByteBuffer.allocate(9 + payload.length)
        .put((byte) (payload.length >> 16))
        .putShort((short) payload.length)
        .put((byte) type)
        .put((byte) flags)
        .putInt(stream)
        .put(payload)
        .array();
  }

  /** Identifiers and values in turn. */
  Http2Wire settings(int... settings) throws IOException {
    ByteBuffer payload = ByteBuffer.allocate(settings.length / 2 * 6);
    for (int i = 0; i < settings.length; i += 2) {
      payload.putShort((short) settings[i]).putInt(settings[i + 1]);
    }
    return frame(SETTINGS, 0, 0, payload.array());
  }

  Http2Wire headers(int stream, boolean end, String... namesAndValues) throws IOException {
    return frame(HEADERS, END_HEADERS | (end ? END_STREAM : 0), stream, block(namesAndValues));
  }

  /** A request of the method for the path. */
  Http2Wire request(int stream, boolean end, String method, String path, String... more)
      throws IOException {
    return frame(
        HEADERS, END_HEADERS | (end ? END_STREAM : 0), stream, requestBlock(method, path, more));
  }

  Http2Wire get(int stream, String path) throws IOException {
    return request(stream, true, "GET", path);
  }

  static byte[] requestBlock(String method, String path, String... more) {
    String[] all = new String[8 + more.length];
    System.arraycopy(
        new String[] {":method", method, ":scheme", "http", ":authority", "shop", ":path", path},
        0,
        all,
        0,
        8);
    System.arraycopy(more, 0, all, 8, more.length);
    return block(all);
  }

  Http2Wire data(int stream, boolean end, String text) throws IOException {
    return frame(DATA, end ? END_STREAM : 0, stream, text.getBytes(StandardCharsets.ISO_8859_1));
  }

  Http2Wire reset(int stream, int error) throws IOException {
    return frame(RST_STREAM, 0, stream, integer(error));
  }

  static byte[] integer(int value) {
    return ByteBuffer.allocate(4).putInt(value).array();
  }

  /** Literal fields without indexing and without Huffman coding (RFC 7541, 6.2.2). */
  static byte[] block(String... namesAndValues) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      block.write(0);
      string(block, namesAndValues[i]);
      string(block, namesAndValues[i + 1]);
    }
    return block.toByteArray();
  }

  private static void string(ByteArrayOutputStream block, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    prefixed(block, 0, 7, bytes.length);
    block.writeBytes(bytes);
  }

  /** An integer with a prefix of some bits (RFC 7541, 5.1). */
  static void prefixed(ByteArrayOutputStream block, int first, int bits, long value) {
    int limit = (1 << bits) - 1;
    if (value < limit) {
      block.write(first | (int) value);
      return;
    }
    block.write(first | limit);
    long rest = value - limit;
    while (rest >= 128) {
      block.write((int) (rest % 128 + 128));
      rest /= 128;
    }
    block.write((int) rest);
  }

  /** Reads the client's preface; for the server's end. */
  void readPreface() throws IOException {
    in.readFully(new byte[PREFACE.length()]);
  }

  /** The next frame, after acknowledging settings and pings; null at the end of the connection. */
  @Nullable Frame next() throws IOException {
    try {
      int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
      int type = in.readUnsignedByte();
      int flags = in.readUnsignedByte();
      int stream = in.readInt() & 0x7fffffff;
      byte[] payload = new byte[length];
      in.readFully(payload);
      Frame frame = new Frame(type, flags, stream, payload);
      if (acknowledging && type == SETTINGS && !frame.is(ACK)) {
        frame(SETTINGS, ACK, 0);
      }
      return frame;
    } catch (EOFException | SocketException | SSLException e) {
      return null;
    }
  }

  /** Reads until the stream has ended, or the connection is given up. */
  Outcome outcome(int stream) throws IOException {
    String status = "";
    Http2Headers headers = null;
    StringBuilder body = new StringBuilder();
    int goAway = -1;
    for (Frame frame = next(); frame != null; frame = next()) {
      if (frame.type == HEADERS) {
        Http2Headers block = decode(frame);
        if (frame.stream == stream && block.status() != null) {
          headers = block;
          status = block.status().toString();
        }
      }
      if (frame.type == GOAWAY) {
        goAway = frame.error();
        if (goAway != NO_ERROR) {
          return new Outcome(status, headers, body.toString(), -1, goAway, false);
        }
      }
      if (frame.stream != stream) {
        continue;
      }
      if (frame.type == RST_STREAM) {
        return new Outcome(status, headers, body.toString(), frame.error(), goAway, false);
      }
      if (frame.type == DATA) {
        body.append(new String(frame.payload, StandardCharsets.ISO_8859_1));
      }
      if ((frame.type == DATA || frame.type == HEADERS) && frame.is(END_STREAM)) {
        return new Outcome(status, headers, body.toString(), -1, goAway, false);
      }
    }
    return new Outcome(status, headers, body.toString(), -1, goAway, true);
  }

  /** Reads until the connection is given up; the code of GOAWAY, or -1 when it closed without. */
  int goAway() throws IOException {
    for (Frame frame = next(); frame != null; frame = next()) {
      if (frame.type == GOAWAY && frame.error() != NO_ERROR) {
        return frame.error();
      }
    }
    return -1;
  }

  Http2Headers decode(Frame frame) throws IOException {
    try {
      return decoder.decodeHeaders(frame.stream, Unpooled.wrappedBuffer(frame.payload));
    } catch (Http2Exception e) {
      throw new IOException("the proxy sent a header block that cannot be decoded", e);
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
