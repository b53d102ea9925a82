package dev.heddle.dataplane.fuzz;

import dev.heddle.dataplane.detection.ClientHello;
import dev.heddle.dataplane.detection.Detection;
import dev.heddle.dataplane.detection.ProtocolDetector;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * The input is the first bytes of a connection. The detector never fails, takes nothing away,
 * always decides within its bound, and decides the same however the bytes arrive.
 */
final class FirstBytesFuzz {
  private static final int PREFIXES = 24;

  private FirstBytesFuzz() {}

  static void check(byte[] input) {
    UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false, true);
    for (boolean tls : new boolean[] {true, false}) {
      for (boolean http : new boolean[] {true, false}) {
        check(new ProtocolDetector(tls, http), input, allocator);
      }
    }
    long left = allocator.metric().usedHeapMemory() + allocator.metric().usedDirectMemory();
    if (left != 0) {
      throw new AssertionError("bytes of buffers not released: " + left + " (expected: 0)");
    }
  }

  private static void check(
      ProtocolDetector detector, byte[] input, UnpooledByteBufAllocator allocator) {
    Detection whole = detect(detector, input, input.length, allocator);
    if (whole instanceof Detection.Undecided && input.length >= ProtocolDetector.MAX_BYTES) {
      throw new AssertionError("undecided after " + input.length + " bytes");
    }
    if (whole instanceof Detection.Tls(ClientHello hello)) {
      check(hello, input.length);
    }
    SplittableRandom random = new SplittableRandom(Arrays.hashCode(input));
    for (int i = 0; i < Math.min(PREFIXES, input.length); i++) {
      int length = input.length <= PREFIXES ? i : random.nextInt(input.length);
      Detection early = detect(detector, input, length, allocator);
      if (!(early instanceof Detection.Undecided) && !early.equals(whole)) {
        throw new AssertionError(
            early + " after " + length + " bytes, " + whole + " after " + input.length);
      }
    }
  }

  private static void check(ClientHello hello, int size) {
    String name = hello.serverName();
    int text = name == null ? 0 : name.length();
    for (String protocol : hello.applicationProtocols()) {
      text += protocol.length();
    }
    if (text > size) {
      throw new AssertionError("a hello of " + size + " bytes says " + text);
    }
  }

  /** Detects in a buffer whose content neither begins nor ends where the buffer does. */
  private static Detection detect(
      ProtocolDetector detector, byte[] input, int length, UnpooledByteBufAllocator allocator) {
    ByteBuf bytes = allocator.heapBuffer(length + 8);
    try {
      bytes.writeInt(0x16030100).writeBytes(input, 0, length).skipBytes(4);
      Detection detection = detector.detect(bytes);
      if (bytes.readableBytes() != length) {
        throw new AssertionError("took " + (length - bytes.readableBytes()) + " bytes");
      }
      return detection;
    } finally {
      bytes.release();
    }
  }
}
