package dev.heddle.dataplane.detection;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a TLS client asks for in its first message (RFC 8446 section 4.1.2).
 *
 * @param serverName lower case; null if not sent (RFC 6066 section 3)
 * @param applicationProtocols in the client's order of preference (RFC 7301)
 */
public record ClientHello(@Nullable String serverName, List<String> applicationProtocols) {
  public ClientHello {
    applicationProtocols = List.copyOf(applicationProtocols);
  }
}
