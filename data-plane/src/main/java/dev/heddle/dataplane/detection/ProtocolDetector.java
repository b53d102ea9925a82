package dev.heddle.dataplane.detection;

import io.netty.buffer.ByteBuf;

/**
 * Tells TLS, HTTP/1 and HTTP/2 from other bytes. Looks at what has arrived without consuming it,
 * and decides as soon as what has arrived allows only one answer.
 */
public final class ProtocolDetector {
  /** Bytes after which an answer is given in any case; also the bound of what has to be kept. */
  public static final int MAX_BYTES = 16 * 1024;

  private static final Detection UNDECIDED = new Detection.Undecided();
  private static final Detection RAW = new Detection.Raw();

  private final boolean detectTls;
  private final boolean detectHttp;

  public ProtocolDetector(boolean detectTls, boolean detectHttp) {
    this.detectTls = detectTls;
    this.detectHttp = detectHttp;
  }

  /**
   * Undecided only while there are fewer than {@link #MAX_BYTES}; what is beyond them is not looked
   * at, so that it makes no difference in which pieces bytes arrive.
   */
  public Detection detect(ByteBuf arrived) {
    ByteBuf bytes =
        arrived.readableBytes() <= MAX_BYTES
            ? arrived
            : arrived.slice(arrived.readerIndex(), MAX_BYTES);
    Detection tls = detectTls ? ClientHelloParser.parse(bytes) : RAW;
    if (!(tls instanceof Detection.Raw)) {
      return bounded(tls, bytes);
    }
    Detection http = detectHttp ? HttpPrefix.parse(bytes) : RAW;
    return bounded(http, bytes);
  }

  /**
   * Whether the first byte is that of a handshake record of TLS: also of one that is too long or
   * too odd to be detected as TLS, which a server may still take for it.
   */
  public static boolean beginsAsTls(ByteBuf arrived) {
    return arrived.isReadable()
        && arrived.getUnsignedByte(arrived.readerIndex()) == ClientHelloParser.HANDSHAKE_RECORD;
  }

  private static Detection bounded(Detection detection, ByteBuf bytes) {
    return detection instanceof Detection.Undecided && bytes.readableBytes() >= MAX_BYTES
        ? RAW
        : detection;
  }

  static Detection undecided() {
    return UNDECIDED;
  }

  static Detection raw() {
    return RAW;
  }
}
