package dev.heddle.dataplane.http.pool;

import dev.heddle.dataplane.config.UpstreamTls;
import dev.heddle.dataplane.http.exchange.UpstreamConsumer;
import dev.heddle.dataplane.upstream.UpstreamConnectException;
import org.jspecify.annotations.Nullable;

/** What a connection attempt tells besides the connection. */
final class ConnectFailure {
  private ConnectFailure() {}

  static UpstreamConnectException of(@Nullable Throwable cause) {
    if (cause instanceof UpstreamConnectException known) {
      return known;
    }
    Throwable given = cause == null ? new IllegalStateException("cancelled") : cause;
    return new UpstreamConnectException(
        UpstreamConnectException.Reason.OTHER, String.valueOf(given.getMessage()), given);
  }

  /** Whether the endpoint proves a mesh identity: only then is what its proxy says believed. */
  static boolean mesh(UpstreamConsumer consumer) {
    UpstreamTls tls = consumer.picked().tls();
    return tls != null && !tls.subjectAlternativeNames().isEmpty();
  }
}
