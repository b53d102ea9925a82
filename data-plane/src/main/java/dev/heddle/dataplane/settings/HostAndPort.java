package dev.heddle.dataplane.settings;

import dev.heddle.meshapi.process.InvalidSettingException;

/** {@code host:port}; an IPv6 address in brackets. */
public record HostAndPort(String host, int port) {

  /**
   * Reads the setting of the given name.
   *
   * @throws InvalidSettingException if it is neither
   */
  public static HostAndPort parse(String name, String text) {
    int colon = text.lastIndexOf(':');
    if (colon > 0) {
      try {
        int port = Integer.parseInt(text.substring(colon + 1));
        String host = text.substring(0, colon);
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        if (port >= 1 && port <= 65535 && (bracketed || host.indexOf(':') < 0)) {
          return new HostAndPort(host, port);
        }
      } catch (NumberFormatException e) {
        throw invalid(name, text);
      }
    }
    throw invalid(name, text);
  }

  private static InvalidSettingException invalid(String name, String text) {
    return new InvalidSettingException(name, text, "host:port with a port from 1 to 65535");
  }

  @Override
  public String toString() {
    return host + ":" + port;
  }
}
