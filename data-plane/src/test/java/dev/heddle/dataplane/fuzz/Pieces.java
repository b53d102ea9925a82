package dev.heddle.dataplane.fuzz;

import dev.heddle.dataplane.http.harness.EmbeddedConnection;
import java.util.Arrays;
import java.util.SplittableRandom;

/** In which pieces bytes arrive, which must make no difference. */
final class Pieces {
  private Pieces() {}

  static void whole(byte[] bytes, EmbeddedConnection to) {
    if (bytes.length > 0) {
      to.send(bytes);
    }
  }

  /** Pieces whose sizes depend on nothing but the bytes. */
  static void small(byte[] bytes, EmbeddedConnection to) {
    SplittableRandom random = new SplittableRandom(Arrays.hashCode(bytes));
    int longest = 1 + random.nextInt(48);
    for (int from = 0; from < bytes.length; ) {
      int end = Math.min(bytes.length, from + 1 + random.nextInt(longest));
      to.send(Arrays.copyOfRange(bytes, from, end));
      from = end;
    }
  }
}
