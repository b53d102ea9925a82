package dev.heddle.meshapi.identity;

import java.io.ByteArrayOutputStream;

/** The few Distinguished Encoding Rules (X.690) that a certificate signing request needs. */
final class DerWriter {
  private static final byte INTEGER = 0x02;
  private static final byte BIT_STRING = 0x03;
  private static final byte OBJECT_IDENTIFIER = 0x06;
  private static final byte SEQUENCE = 0x30;
  private static final byte CONTEXT_CONSTRUCTED = (byte) 0xa0;

  private DerWriter() {}

  static byte[] sequence(byte[]... elements) {
    return encode(SEQUENCE, concatenate(elements));
  }

  /** An integer from 0 to 127. */
  static byte[] smallInteger(int value) {
    return encode(INTEGER, new byte[] {(byte) value});
  }

  /** Whole bytes, no unused bits. */
  static byte[] bitString(byte[] bytes) {
    return encode(BIT_STRING, concatenate(new byte[] {0}, bytes));
  }

  /**
   * @param encoded the arcs as X.690 section 8.19 encodes them
   */
  static byte[] objectIdentifier(byte[] encoded) {
    return encode(OBJECT_IDENTIFIER, encoded);
  }

  /** {@code [number] IMPLICIT}, constructed. */
  static byte[] contextConstructed(int number, byte[] content) {
    return encode((byte) (CONTEXT_CONSTRUCTED | number), content);
  }

  private static byte[] encode(byte tag, byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(content.length + 6);
    out.write(tag);
    if (content.length < 0x80) {
      out.write(content.length);
    } else {
      int bytes = (Integer.SIZE - Integer.numberOfLeadingZeros(content.length) + 7) / 8;
      out.write(0x80 | bytes);
      for (int i = bytes - 1; i >= 0; i--) {
        out.write(content.length >>> (8 * i));
      }
    }
    out.writeBytes(content);
    return out.toByteArray();
  }

  private static byte[] concatenate(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }
}
