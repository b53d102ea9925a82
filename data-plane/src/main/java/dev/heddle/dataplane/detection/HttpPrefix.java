package dev.heddle.dataplane.detection;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Recognizes a request line of HTTP/1 (RFC 9112 section 3) or the preface of HTTP/2 (RFC 9113
 * section 3.4). A method alone is not enough: other protocols know words like GET too (Redis,
 * memcached), so the line has to end with the version.
 */
final class HttpPrefix {
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  /** The methods of the IANA registry that are in use. */
  private static final List<byte[]> METHODS =
      List.of(
          method("GET"),
          method("POST"),
          method("PUT"),
          method("HEAD"),
          method("DELETE"),
          method("OPTIONS"),
          method("PATCH"),
          method("CONNECT"),
          method("TRACE"),
          method("PROPFIND"),
          method("PROPPATCH"),
          method("MKCOL"),
          method("COPY"),
          method("MOVE"),
          method("LOCK"),
          method("UNLOCK"),
          method("REPORT"),
          method("MKACTIVITY"),
          method("CHECKOUT"),
          method("MERGE"),
          method("SEARCH"),
          method("NOTIFY"),
          method("SUBSCRIBE"),
          method("UNSUBSCRIBE"),
          method("PURGE"),
          method("QUERY"),
          method("LINK"),
          method("UNLINK"),
          method("REBIND"),
          method("UNBIND"),
          method("BIND"),
          method("ACL"));

  private static final byte[] HTTP_1_0 = " HTTP/1.0".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] HTTP_1_1 = " HTTP/1.1".getBytes(StandardCharsets.US_ASCII);

  private HttpPrefix() {}

  static Detection parse(ByteBuf bytes) {
    if (startsAlike(bytes, PREFACE)) {
      return bytes.readableBytes() >= PREFACE.length
          ? new Detection.Http2()
          : ProtocolDetector.undecided();
    }
    for (byte[] method : METHODS) {
      if (startsAlike(bytes, method)) {
        return bytes.readableBytes() > method.length
            ? requestLine(bytes, method.length)
            : ProtocolDetector.undecided();
      }
    }
    return bytes.isReadable() ? ProtocolDetector.raw() : ProtocolDetector.undecided();
  }

  private static Detection requestLine(ByteBuf bytes, int target) {
    int end = -1;
    for (int i = target; i < bytes.readableBytes(); i++) {
      int octet = bytes.getUnsignedByte(bytes.readerIndex() + i);
      if (octet == '\n') {
        end = i;
        break;
      }
      // Only visible characters, spaces and what RFC 3986 should have forbidden clients to send.
      if (octet < ' ' && octet != '\r' && octet != '\t') {
        return ProtocolDetector.raw();
      }
    }
    if (end < 0) {
      // A target that does not end within what is kept can only be HTTP's: its codec refuses it
      // properly.
      return bytes.readableBytes() >= ProtocolDetector.MAX_BYTES
          ? new Detection.Http1("http/1.1")
          : ProtocolDetector.undecided();
    }
    int line = bytes.getByte(bytes.readerIndex() + end - 1) == '\r' ? end - 1 : end;
    if (endsWith(bytes, line, HTTP_1_1, target)) {
      return new Detection.Http1("http/1.1");
    }
    if (endsWith(bytes, line, HTTP_1_0, target)) {
      return new Detection.Http1("http/1.0");
    }
    return ProtocolDetector.raw();
  }

  private static boolean endsWith(ByteBuf bytes, int end, byte[] suffix, int from) {
    int start = end - suffix.length;
    if (start <= from) {
      return false;
    }
    for (int i = 0; i < suffix.length; i++) {
      if (bytes.getByte(bytes.readerIndex() + start + i) != suffix[i]) {
        return false;
      }
    }
    return true;
  }

  /** Whether one is the beginning of the other. */
  private static boolean startsAlike(ByteBuf bytes, byte[] expected) {
    int length = Math.min(bytes.readableBytes(), expected.length);
    for (int i = 0; i < length; i++) {
      if (bytes.getByte(bytes.readerIndex() + i) != expected[i]) {
        return false;
      }
    }
    return length > 0;
  }

  private static byte[] method(String name) {
    byte[] bytes = Arrays.copyOf(name.getBytes(StandardCharsets.US_ASCII), name.length() + 1);
    bytes[name.length()] = ' ';
    return bytes;
  }
}
