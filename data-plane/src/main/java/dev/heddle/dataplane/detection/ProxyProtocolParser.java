package dev.heddle.dataplane.detection;

import dev.heddle.dataplane.config.ProxyProtocol;
import io.netty.buffer.ByteBuf;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads the PROXY protocol, versions 1 and 2 (haproxy.org/download/2.9/doc/proxy-protocol.txt),
 * strictly: what is not exactly as written there is malformed. Reads nothing from the buffer.
 */
public final class ProxyProtocolParser {
  private static final byte[] SIGNATURE_1 = "PROXY ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] SIGNATURE_2 = {
    0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a
  };

  /** Of version 1 with its line end (section 2.1). */
  private static final int MAX_TEXT = 107;

  /** Version 2: signature, version and command, family, length. */
  private static final int FIXED = 16;

  /** Of what follows {@link #FIXED}; addresses and what producers add to them take far less. */
  private static final int MAX_VARIABLE = 4096;

  private static final int ADDRESSES_4 = 12;
  private static final int ADDRESSES_6 = 36;

  private ProxyProtocolParser() {}

  /** What the first bytes say. */
  public sealed interface Result {
    /** More is needed. */
    record Incomplete() implements Result {}

    /** These are the connection's own bytes, and that is allowed. */
    record Absent() implements Result {}

    record Malformed(String reason) implements Result {}

    /**
     * A header.
     *
     * @param length in bytes
     * @param source who connected to the other proxy; null when it speaks for itself
     * @param destination to which address; null with {@code source}
     */
    record Header(
        int length, @Nullable InetSocketAddress source, @Nullable InetSocketAddress destination)
        implements Result {}
  }

  /** Looks at what has come so far. */
  public static Result parse(ByteBuf bytes, ProxyProtocol settings) {
    if (begins(bytes, SIGNATURE_2)) {
      if (bytes.readableBytes() < SIGNATURE_2.length) {
        return new Result.Incomplete();
      }
      return settings.version2()
          ? binary(bytes)
          : new Result.Malformed("PROXY protocol version 2 is not allowed");
    }
    if (begins(bytes, SIGNATURE_1)) {
      if (bytes.readableBytes() < SIGNATURE_1.length) {
        return new Result.Incomplete();
      }
      return settings.version1()
          ? text(bytes)
          : new Result.Malformed("PROXY protocol version 1 is not allowed");
    }
    return settings.optional()
        ? new Result.Absent()
        : new Result.Malformed("the PROXY protocol header is missing");
  }

  private static boolean begins(ByteBuf bytes, byte[] signature) {
    int known = Math.min(bytes.readableBytes(), signature.length);
    for (int i = 0; i < known; i++) {
      if (bytes.getByte(bytes.readerIndex() + i) != signature[i]) {
        return false;
      }
    }
    return true;
  }

  private static Result text(ByteBuf bytes) {
    int start = bytes.readerIndex();
    int length = Math.min(bytes.readableBytes(), MAX_TEXT);
    int end = bytes.indexOf(start, start + length, (byte) '\n');
    if (end < 0) {
      return bytes.readableBytes() >= MAX_TEXT
          ? new Result.Malformed("no line end in " + MAX_TEXT + " bytes")
          : new Result.Incomplete();
    }
    if (bytes.getByte(end - 1) != '\r') {
      return new Result.Malformed("the line does not end in CR LF");
    }
    String line = bytes.toString(start, end - 1 - start, StandardCharsets.ISO_8859_1);
    int total = end + 1 - start;
    String[] words = line.split(" ", -1);
    return switch (words[1]) {
      case "UNKNOWN" -> new Result.Header(total, null, null);
      case "TCP4", "TCP6" -> text(words, total);
      default -> new Result.Malformed("protocol: " + printable(words[1]));
    };
  }

  private static Result text(String[] words, int length) {
    if (words.length != 6) {
      return new Result.Malformed(words.length + " words (expected: 6)");
    }
    boolean four = words[1].equals("TCP4");
    InetAddress source = address(words[2], four);
    InetAddress destination = address(words[3], four);
    int sourcePort = port(words[4]);
    int destinationPort = port(words[5]);
    if (source == null || destination == null) {
      return new Result.Malformed("an address that is none of " + words[1]);
    }
    if (sourcePort < 0 || destinationPort < 0) {
      return new Result.Malformed("a port that is not 0 to 65535");
    }
    return new Result.Header(
        length,
        new InetSocketAddress(source, sourcePort),
        new InetSocketAddress(destination, destinationPort));
  }

  private static @Nullable InetAddress address(String text, boolean four) {
    boolean valid =
        four
            ? NetUtil.isValidIpV4Address(text)
            : NetUtil.isValidIpV6Address(text) && text.indexOf('%') < 0 && text.indexOf('[') < 0;
    return valid ? NetUtil.createInetAddressFromIpAddressString(text) : null;
  }

  /** Minus one for what is no port. */
  private static int port(String text) {
    int length = text.length();
    if (length < 1 || length > 5 || (length > 1 && text.charAt(0) == '0')) {
      return -1;
    }
    int port = 0;
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9') {
        return -1;
      }
      port = port * 10 + c - '0';
    }
    return port <= 65_535 ? port : -1;
  }

  private static Result binary(ByteBuf bytes) {
    if (bytes.readableBytes() < FIXED) {
      return new Result.Incomplete();
    }
    int start = bytes.readerIndex();
    int versionAndCommand = bytes.getUnsignedByte(start + 12);
    int family = bytes.getUnsignedByte(start + 13);
    int variable = bytes.getUnsignedShort(start + 14);
    if (versionAndCommand >> 4 != 2) {
      return new Result.Malformed("version: " + (versionAndCommand >> 4) + " (expected: 2)");
    }
    int command = versionAndCommand & 0xf;
    if (command > 1) {
      return new Result.Malformed("command: " + command + " (expected: LOCAL or PROXY)");
    }
    if (variable > MAX_VARIABLE) {
      return new Result.Malformed(
          "length: " + variable + " (expected: at most " + MAX_VARIABLE + ")");
    }
    if (bytes.readableBytes() < FIXED + variable) {
      return new Result.Incomplete();
    }
    if (command == 0 || family == 0) {
      return new Result.Header(FIXED + variable, null, null);
    }
    return switch (family) {
      case 0x11 -> addresses(bytes, start + FIXED, variable, ADDRESSES_4, 4);
      case 0x21 -> addresses(bytes, start + FIXED, variable, ADDRESSES_6, 16);
      default ->
          new Result.Malformed(
              "family and transport: 0x"
                  + Integer.toHexString(family)
                  + " (expected: TCP over IPv4 or IPv6)");
    };
  }

  private static Result addresses(ByteBuf bytes, int at, int variable, int needed, int size) {
    if (variable < needed) {
      return new Result.Malformed("length: " + variable + " (expected: >= " + needed + ")");
    }
    return new Result.Header(
        FIXED + variable,
        new InetSocketAddress(address(bytes, at, size), bytes.getUnsignedShort(at + 2 * size)),
        new InetSocketAddress(
            address(bytes, at + size, size), bytes.getUnsignedShort(at + 2 * size + 2)));
  }

  private static InetAddress address(ByteBuf bytes, int at, int size) {
    byte[] raw = new byte[size];
    bytes.getBytes(at, raw);
    try {
      return InetAddress.getByAddress(raw);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address of " + size + " bytes", e);
    }
  }

  private static String printable(String text) {
    StringBuilder printable = new StringBuilder();
    for (int i = 0; i < Math.min(16, text.length()); i++) {
      char c = text.charAt(i);
      printable.append(c > ' ' && c < 0x7f ? c : '?');
    }
    return printable.toString();
  }
}
