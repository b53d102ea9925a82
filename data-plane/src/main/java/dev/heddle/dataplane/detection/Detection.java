package dev.heddle.dataplane.detection;

/** What the first bytes of a connection say. */
public sealed interface Detection {

  /** More bytes are needed. */
  record Undecided() implements Detection {}

  record Tls(ClientHello hello) implements Detection {}

  /**
   * A request line of HTTP/1.
   *
   * @param version {@code http/1.0} or {@code http/1.1}
   */
  record Http1(String version) implements Detection {}

  /** The connection preface of HTTP/2. */
  record Http2() implements Detection {}

  /** None of these. */
  record Raw() implements Detection {}
}
