package dev.heddle.dataplane.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/**
 * HTTP/2 frames from an input. One that begins with {@code R} is frames as they are. Any other is a
 * list of frames in a form that survives small changes: kind, flags, stream, two bytes of length,
 * and so much payload. The kind {@code H} is a HEADERS frame whose payload is text, {@code
 * name:value} in each line; every other kind is the frame's type.
 */
final class Http2Input {
  private static final int HEADERS = 1;
  private static final int FRAME_HEAD = 5;

  private Http2Input() {}

  static byte[] frames(byte[] input) {
    if (input.length > 0 && input[0] == 'R') {
      return Arrays.copyOfRange(input, 1, input.length);
    }
    ByteArrayOutputStream frames = new ByteArrayOutputStream();
    int at = 0;
    while (at + FRAME_HEAD <= input.length) {
      int kind = input[at] & 0xff;
      int flags = input[at + 1] & 0xff;
      int stream = input[at + 2] & 0xff;
      int stated = (input[at + 3] & 0xff) << 8 | (input[at + 4] & 0xff);
      int length = Math.min(stated, input.length - at - FRAME_HEAD);
      byte[] payload = Arrays.copyOfRange(input, at + FRAME_HEAD, at + FRAME_HEAD + length);
      if (kind == 'H') {
        frame(frames, HEADERS, flags, stream, block(payload));
      } else {
        frame(frames, kind, flags, stream, payload);
      }
      at += FRAME_HEAD + length;
    }
    return frames.toByteArray();
  }

  static void frame(ByteArrayOutputStream to, int type, int flags, int stream, byte[] payload) {
    to.write(payload.length >> 16);
    to.write(payload.length >> 8);
    to.write(payload.length);
    to.write(type);
    to.write(flags);
    to.writeBytes(new byte[] {0, 0, 0, (byte) stream});
    to.writeBytes(payload);
  }

  /** Literal fields without indexing or Huffman codes (RFC 7541, 6.2.2). */
  private static byte[] block(byte[] text) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    for (String line : new String(text, ISO_8859_1).split("\n", -1)) {
      int colon = line.indexOf(':', 1);
      if (colon > 0) {
        block.write(0);
        string(block, line.substring(0, colon));
        string(block, line.substring(colon + 1));
      }
    }
    return block.toByteArray();
  }

  private static void string(ByteArrayOutputStream to, String text) {
    int rest = text.length();
    if (rest < 127) {
      to.write(rest);
    } else {
      to.write(127);
      for (rest -= 127; rest >= 128; rest >>= 7) {
        to.write((rest & 127) | 128);
      }
      to.write(rest);
    }
    to.writeBytes(text.getBytes(ISO_8859_1));
  }
}
