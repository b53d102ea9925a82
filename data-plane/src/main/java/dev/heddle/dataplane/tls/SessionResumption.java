package dev.heddle.dataplane.tls;

import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.SslContext;
import java.time.Duration;

/**
 * Which TLS sessions may be resumed, and for how long. A resumed handshake proves that the peer was
 * let in once, by this very context: its tickets are sealed with keys that BoringSSL makes for each
 * context, so another filter chain, another cluster, another set of trust anchors cannot open them.
 * That the peer would be let in today is verified after each handshake ({@link TlsConnection}).
 *
 * <p>Only BoringSSL resumes. The JDK's TLS, which carries bytes, makes no tickets. There is no
 * early data (0-RTT).
 */
final class SessionResumption {
  /** After which a context, and with it all that it can resume, makes room for a new one. */
  static final Duration LONGEST = Duration.ofHours(1);

  /** Of a context towards endpoints; each is some kB of native memory, and TLS 1.3 uses it once. */
  private static final int CLIENT_SESSIONS = 16;

  private SessionResumption() {}

  /** To be called before TLS is used for the first time in the process: the JDK reads it once. */
  static void prepare() {
    System.setProperty("jdk.tls.server.newSessionTicketCount", "0");
  }

  static void configure(SslContext context) {
    context.sessionContext().setSessionTimeout(Math.toIntExact(LONGEST.toSeconds()));
    if (context.sessionContext() instanceof OpenSslSessionContext sessions) {
      // A server keeps nothing: what it needs is in the ticket.
      sessions.setSessionCacheEnabled(context.isClient());
      if (context.isClient()) {
        sessions.setSessionCacheSize(CLIENT_SESSIONS);
      }
    }
  }
}
