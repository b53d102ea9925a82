package dev.heddle.dataplane.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A header's value, of which parts are known only with the request (Envoy's command operators).
 *
 * @param parts in order; one {@link Part.Literal} for a value that is always the same
 */
public record HeaderTemplate(List<Part> parts) {

  public HeaderTemplate {
    parts = List.copyOf(parts);
  }

  /** A piece of the value. */
  public sealed interface Part {
    record Literal(String text) implements Part {}

    /**
     * A header of the request.
     *
     * @param name lower case, or a pseudo-header
     * @param alternative taken where the first is missing; null for none
     * @param maxLength in characters
     */
    record RequestHeader(String name, @Nullable String alternative, int maxLength)
        implements Part {}
  }

  /** Something about the connection. */
  public enum Connection implements Part {
    DOWNSTREAM_REMOTE_ADDRESS,
    DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT,
    DOWNSTREAM_REMOTE_PORT,
    DOWNSTREAM_LOCAL_ADDRESS,
    DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT,
    DOWNSTREAM_LOCAL_PORT,
    /** The SPIFFE id of the client's certificate. */
    DOWNSTREAM_PEER_URI_SAN,
    /** {@code HTTP/1.1} or {@code HTTP/2}. */
    PROTOCOL
  }
}
