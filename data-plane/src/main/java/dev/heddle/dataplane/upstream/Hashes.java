package dev.heddle.dataplane.upstream;

/**
 * Hash functions by which endpoints are chosen; the same as Envoy's, so that both choose the same.
 * Characters are taken for bytes (ISO 8859-1), as in header values.
 */
public final class Hashes {
  private static final long PRIME_1 = 0x9E3779B185EBCA87L;
  private static final long PRIME_2 = 0xC2B2AE3D27D4EB4FL;
  private static final long PRIME_3 = 0x165667B19E3779F9L;
  private static final long PRIME_4 = 0x85EBCA77C2B2AE63L;
  private static final long PRIME_5 = 0x27D4EB2F165667C5L;

  private static final long MURMUR = 0xC6A4A7935BD1E995L;

  /** Of std::hash in libstdc++. */
  private static final long MURMUR_SEED = 0xC70F6907L;

  private Hashes() {}

  /** XXH64 (xxhash.com, specification 0.1.1). */
  public static long xx(CharSequence text, long seed) {
    int length = text.length();
    int at = 0;
    long hash;
    if (length >= 32) {
      long one = seed + PRIME_1 + PRIME_2;
      long two = seed + PRIME_2;
      long three = seed;
      long four = seed - PRIME_1;
      for (; at <= length - 32; at += 32) {
        one = round(one, word(text, at, 8));
        two = round(two, word(text, at + 8, 8));
        three = round(three, word(text, at + 16, 8));
        four = round(four, word(text, at + 24, 8));
      }
      hash =
          Long.rotateLeft(one, 1)
              + Long.rotateLeft(two, 7)
              + Long.rotateLeft(three, 12)
              + Long.rotateLeft(four, 18);
      hash = merge(merge(merge(merge(hash, one), two), three), four);
    } else {
      hash = seed + PRIME_5;
    }
    hash += length;
    for (; at <= length - 8; at += 8) {
      hash = Long.rotateLeft(hash ^ round(0, word(text, at, 8)), 27) * PRIME_1 + PRIME_4;
    }
    if (at <= length - 4) {
      hash = Long.rotateLeft(hash ^ (word(text, at, 4) * PRIME_1), 23) * PRIME_2 + PRIME_3;
      at += 4;
    }
    for (; at < length; at++) {
      hash = Long.rotateLeft(hash ^ (word(text, at, 1) * PRIME_5), 11) * PRIME_1;
    }
    hash = (hash ^ (hash >>> 33)) * PRIME_2;
    hash = (hash ^ (hash >>> 29)) * PRIME_3;
    return hash ^ (hash >>> 32);
  }

  private static long round(long accumulator, long input) {
    return Long.rotateLeft(accumulator + input * PRIME_2, 31) * PRIME_1;
  }

  private static long merge(long hash, long accumulator) {
    return (hash ^ round(0, accumulator)) * PRIME_1 + PRIME_4;
  }

  /** MurmurHash2 for 64 bits, with the seed of libstdc++. */
  static long murmur(CharSequence text) {
    int length = text.length();
    long hash = MURMUR_SEED ^ (length * MURMUR);
    int at = 0;
    for (; at <= length - 8; at += 8) {
      hash = (hash ^ (mix(word(text, at, 8) * MURMUR) * MURMUR)) * MURMUR;
    }
    if (at < length) {
      hash = (hash ^ word(text, at, length - at)) * MURMUR;
    }
    return mix(mix(hash) * MURMUR);
  }

  private static long mix(long value) {
    return value ^ (value >>> 47);
  }

  /** Little-endian. */
  private static long word(CharSequence text, int at, int bytes) {
    long word = 0;
    for (int i = 0; i < bytes; i++) {
      word |= (text.charAt(at + i) & 0xFFL) << (8 * i);
    }
    return word;
  }
}
