package dev.heddle.smiadapter.state;

/** The two kinds of IP address. */
public enum AddressFamily {
  /** 32 bits, written with dots. */
  IPV4,
  /** 128 bits, written with colons. */
  IPV6;

  /** The family of an IP address in its textual form. */
  public static AddressFamily of(String address) {
    return address.indexOf(':') >= 0 ? IPV6 : IPV4;
  }
}
