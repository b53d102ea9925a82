package dev.heddle.smiadapter.state;

/** What carries traffic below any application protocol. */
public enum Transport {
  /** Streams of bytes; everything that proxies carry. */
  TCP,
  /** Datagrams, which proxies do not carry. */
  UDP
}
