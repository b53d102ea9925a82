package dev.heddle.dataplane.listener;

import java.util.Locale;

/**
 * Why the listener closed a connection instead of serving it; label {@code reason} of its counter.
 */
enum CloseReason {
  CONNECTION_LIMIT,
  MEMORY_LIMIT,
  MADE_ROOM,
  HANDSHAKE_LIMIT,
  CHAIN_CONNECTION_LIMIT,
  PROXY_PROTOCOL,
  REDIRECT_LOOP,
  LISTENER_REMOVED,
  NO_FILTER_CHAIN,
  ACCESS_DENIED,
  NO_CERTIFICATE,
  TLS_HANDSHAKE,
  LATE_HELLO,
  NO_UPSTREAM,
  SILENT,
  INTERNAL_ERROR;

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
