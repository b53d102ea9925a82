package dev.heddle.dataplane.tls;

/**
 * Keeps TLS sessions from being resumed. A resumed session skips the verification of the peer:
 * neither an anchor that was withdrawn nor a certificate that has expired since would be noticed.
 * Handshakes between proxies are few, because connections are pooled. The properties are those of
 * the JDK; Netty's BoringSSL engine obeys the two about tickets as well. They are read once, when
 * TLS is used for the first time in the process.
 */
final class SessionResumption {
  private SessionResumption() {}

  static void disable() {
    System.setProperty("jdk.tls.server.enableSessionTicketExtension", "false");
    System.setProperty("jdk.tls.client.enableSessionTicketExtension", "false");
    System.setProperty("jdk.tls.server.newSessionTicketCount", "0");
  }
}
