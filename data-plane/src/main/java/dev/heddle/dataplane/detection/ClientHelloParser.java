package dev.heddle.dataplane.detection;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Reads server name and ALPN of a TLS ClientHello (RFC 8446 sections 4.1.2 and 5.1), which may be
 * spread over several records. What is malformed is no TLS: it is passed on as the bytes it is.
 */
final class ClientHelloParser {
  private static final int RECORD_HEADER = 5;
  static final int HANDSHAKE_RECORD = 22;
  private static final int HANDSHAKE_HEADER = 4;
  private static final int CLIENT_HELLO = 1;
  private static final int MAX_RECORD = (1 << 14) + 256;
  private static final int VERSION_AND_RANDOM = 2 + 32;
  private static final int SERVER_NAME = 0;
  private static final int HOST_NAME = 0;
  private static final int ALPN = 16;

  private ClientHelloParser() {}

  static Detection parse(ByteBuf bytes) {
    if (!bytes.isReadable()) {
      return ProtocolDetector.undecided();
    }
    ByteBuf handshake = bytes.alloc().heapBuffer(Math.min(bytes.readableBytes(), MAX_RECORD));
    try {
      return unframe(bytes, handshake);
    } finally {
      handshake.release();
    }
  }

  /** Collects the payload of handshake records until the ClientHello is whole. */
  private static Detection unframe(ByteBuf bytes, ByteBuf handshake) {
    int at = bytes.readerIndex();
    while (true) {
      int available = bytes.writerIndex() - at;
      if ((available >= 1 && bytes.getUnsignedByte(at) != HANDSHAKE_RECORD)
          || (available >= 2 && bytes.getUnsignedByte(at + 1) != 3)
          || (available >= 3 && bytes.getUnsignedByte(at + 2) > 4)) {
        return ProtocolDetector.raw();
      }
      if (available < RECORD_HEADER) {
        return ProtocolDetector.undecided();
      }
      int length = bytes.getUnsignedShort(at + 3);
      if (length == 0 || length > MAX_RECORD) {
        return ProtocolDetector.raw();
      }
      int payload = Math.min(length, available - RECORD_HEADER);
      handshake.writeBytes(bytes, at + RECORD_HEADER, payload);
      if (handshake.readableBytes() >= 1
          && handshake.getUnsignedByte(handshake.readerIndex()) != CLIENT_HELLO) {
        return ProtocolDetector.raw();
      }
      if (handshake.readableBytes() >= HANDSHAKE_HEADER) {
        int size = handshake.getUnsignedMedium(handshake.readerIndex() + 1);
        if (size > ProtocolDetector.MAX_BYTES) {
          return ProtocolDetector.raw();
        }
        if (handshake.readableBytes() >= HANDSHAKE_HEADER + size) {
          ClientHello hello = hello(handshake.skipBytes(HANDSHAKE_HEADER).readSlice(size));
          return hello == null ? ProtocolDetector.raw() : new Detection.Tls(hello);
        }
      }
      if (payload < length) {
        return ProtocolDetector.undecided();
      }
      at += RECORD_HEADER + length;
    }
  }

  private static @Nullable ClientHello hello(ByteBuf hello) {
    try {
      hello.skipBytes(VERSION_AND_RANDOM);
      hello.skipBytes(hello.readUnsignedByte()); // session id
      hello.skipBytes(hello.readUnsignedShort()); // cipher suites
      hello.skipBytes(hello.readUnsignedByte()); // compression methods
      if (!hello.isReadable()) {
        return new ClientHello(null, List.of());
      }
      return extensions(hello.readSlice(hello.readUnsignedShort()));
    } catch (IndexOutOfBoundsException e) {
      // A length that points past the end: malformed.
      return null;
    }
  }

  private static ClientHello extensions(ByteBuf extensions) {
    String serverName = null;
    List<String> protocols = List.of();
    while (extensions.isReadable()) {
      int type = extensions.readUnsignedShort();
      ByteBuf extension = extensions.readSlice(extensions.readUnsignedShort());
      switch (type) {
        case SERVER_NAME -> serverName = serverName(extension);
        case ALPN -> protocols = protocols(extension);
        default -> {}
      }
    }
    return new ClientHello(serverName, protocols);
  }

  private static @Nullable String serverName(ByteBuf extension) {
    ByteBuf names = extension.readSlice(extension.readUnsignedShort());
    while (names.isReadable()) {
      int type = names.readUnsignedByte();
      ByteBuf name = names.readSlice(names.readUnsignedShort());
      if (type == HOST_NAME) {
        return name.toString(StandardCharsets.US_ASCII).toLowerCase(Locale.ROOT);
      }
    }
    return null;
  }

  private static List<String> protocols(ByteBuf extension) {
    ByteBuf names = extension.readSlice(extension.readUnsignedShort());
    List<String> protocols = new ArrayList<>(2);
    while (names.isReadable()) {
      protocols.add(names.readSlice(names.readUnsignedByte()).toString(StandardCharsets.US_ASCII));
    }
    return protocols;
  }
}
