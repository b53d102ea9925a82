package dev.heddle.e2e.workload;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The first TLS message that one side sent, read without any TLS library (RFC 8446 sections 4.1 and
 * 5.1).
 */
public final class TlsFlight {

  private static final int HANDSHAKE = 22;
  private static final int CLIENT_HELLO = 1;
  private static final int SERVER_HELLO = 2;
  private static final int SERVER_NAME = 0;
  private static final int SUPPORTED_VERSIONS = 43;
  private static final int TLS_1_3 = 0x0304;
  private static final int RECORD_HEADER = 5;
  private static final int MESSAGE_HEADER = 4;
  private static final int RANDOM = 32;

  private final byte[] bytes;

  TlsFlight(byte[] bytes) {
    this.bytes = bytes.clone();
  }

  /** What a client says in the clear. */
  public record ClientHello(@Nullable String serverName) {}

  /** What a server says in the clear. */
  public record ServerHello(String version) {}

  public ClientHello clientHello() {
    ByteBuffer body = message(CLIENT_HELLO);
    skip(body, 2 + RANDOM);
    skip(body, unsigned8(body));
    skip(body, unsigned16(body));
    skip(body, unsigned8(body));
    ByteBuffer serverName = extension(body, SERVER_NAME);
    if (serverName == null) {
      return new ClientHello(null);
    }
    skip(serverName, 3);
    byte[] name = new byte[unsigned16(serverName)];
    serverName.get(name);
    return new ClientHello(new String(name, StandardCharsets.US_ASCII));
  }

  public ServerHello serverHello() {
    ByteBuffer body = message(SERVER_HELLO);
    skip(body, 2 + RANDOM);
    skip(body, unsigned8(body));
    skip(body, 3);
    ByteBuffer versions = extension(body, SUPPORTED_VERSIONS);
    boolean newest = versions != null && unsigned16(versions) == TLS_1_3;
    return new ServerHello(newest ? "TLS 1.3" : "older than TLS 1.3");
  }

  private ByteBuffer message(int type) {
    if (bytes.length < RECORD_HEADER + MESSAGE_HEADER || bytes[0] != HANDSHAKE) {
      throw new AssertionError(
          "no TLS handshake: "
              + new String(bytes, 0, Math.min(bytes.length, 80), StandardCharsets.ISO_8859_1));
    }
    if (bytes[RECORD_HEADER] != type) {
      throw new AssertionError(
          "handshake message " + bytes[RECORD_HEADER] + " (expected: " + type + ")");
    }
    return ByteBuffer.wrap(bytes).position(RECORD_HEADER + MESSAGE_HEADER);
  }

  private static @Nullable ByteBuffer extension(ByteBuffer body, int wanted) {
    int end = unsigned16(body) + body.position();
    while (body.position() + 4 <= Math.min(end, body.limit())) {
      int type = unsigned16(body);
      int length = unsigned16(body);
      if (type == wanted) {
        return body.slice(body.position(), length);
      }
      skip(body, length);
    }
    return null;
  }

  private static int unsigned8(ByteBuffer buffer) {
    return buffer.get() & 0xFF;
  }

  private static int unsigned16(ByteBuffer buffer) {
    return buffer.getShort() & 0xFFFF;
  }

  private static void skip(ByteBuffer buffer, int count) {
    buffer.position(buffer.position() + count);
  }
}
