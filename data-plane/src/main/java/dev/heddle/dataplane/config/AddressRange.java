package dev.heddle.dataplane.config;

import java.net.InetAddress;

/**
 * A block of IP addresses (envoy.config.core.v3.CidrRange).
 *
 * @param prefixLength in bits, 0 to the length of the address
 */
public record AddressRange(InetAddress first, int prefixLength) {

  public AddressRange {
    int bits = first.getAddress().length * 8;
    if (prefixLength < 0 || prefixLength > bits) {
      throw new IllegalArgumentException(
          "prefix_len: "
              + Integer.toUnsignedString(prefixLength)
              + " (expected: 0 to "
              + bits
              + ")");
    }
  }

  /** Never for an address of the other family. */
  public boolean contains(InetAddress address) {
    byte[] mine = first.getAddress();
    byte[] other = address.getAddress();
    if (mine.length != other.length) {
      return false;
    }
    for (int bit = 0; bit < prefixLength; bit += 8) {
      int kept = Math.min(8, prefixLength - bit);
      int mask = 0xff << (8 - kept);
      if (((mine[bit / 8] ^ other[bit / 8]) & mask) != 0) {
        return false;
      }
    }
    return true;
  }
}
