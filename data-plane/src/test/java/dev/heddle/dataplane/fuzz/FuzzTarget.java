package dev.heddle.dataplane.fuzz;

/** Something that must hold for any input. Its inputs are kept in {@code fuzz/<folder>}. */
enum FuzzTarget {
  HTTP1_CLIENT("http1-client"),
  HTTP1_SERVER("http1-server"),
  HTTP2_CLIENT("http2-client"),
  HTTP2_SERVER("http2-server"),
  NORMALIZATION("normalization"),
  FIRST_BYTES("first-bytes"),
  PROXY_PROTOCOL("proxy-protocol"),
  XDS("xds");

  private final String folder;

  FuzzTarget(String folder) {
    this.folder = folder;
  }

  String folder() {
    return folder;
  }

  /** Throws what no input may cause. */
  void check(byte[] input) {
    switch (this) {
      case HTTP1_CLIENT -> Http1ClientFuzz.check(input);
      case HTTP1_SERVER -> Http1ServerFuzz.check(input);
      case HTTP2_CLIENT -> Http2ClientFuzz.check(input);
      case HTTP2_SERVER -> Http2ServerFuzz.check(input);
      case NORMALIZATION -> NormalizationFuzz.check(input);
      case FIRST_BYTES -> FirstBytesFuzz.check(input);
      case PROXY_PROTOCOL -> ProxyProtocolFuzz.check(input);
      case XDS -> XdsFuzz.check(input);
    }
  }

  /**
   * The target of a folder.
   *
   * @throws IllegalArgumentException if there is none
   */
  static FuzzTarget of(String folder) {
    for (FuzzTarget target : values()) {
      if (target.folder.equals(folder)) {
        return target;
      }
    }
    throw new IllegalArgumentException("fuzz target: " + folder);
  }
}
