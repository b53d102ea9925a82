package dev.heddle.smiadapter.translate;

import com.google.protobuf.Duration;
import com.google.protobuf.Message;
import dev.heddle.smiadapter.resources.Packing;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.listener.v3.ListenerFilter;
import io.envoyproxy.envoy.extensions.filters.listener.http_inspector.v3.HttpInspector;
import io.envoyproxy.envoy.extensions.filters.listener.original_dst.v3.OriginalDst;
import io.envoyproxy.envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector;
import java.util.List;

/** Makes the filters that look at a connection before a chain is chosen for it. */
final class ListenerFilters {

  /** What the HTTP inspector calls HTTP without TLS. */
  static final List<String> PLAINTEXT_HTTP = List.of("http/1.0", "http/1.1", "h2c");

  /** Recognizes HTTP without TLS. */
  static final ListenerFilter HTTP_INSPECTOR =
      filter("envoy.filters.listener.http_inspector", HttpInspector.getDefaultInstance());

  /** Recognizes TLS, and what its client asks for. */
  static final ListenerFilter TLS_INSPECTOR =
      filter("envoy.filters.listener.tls_inspector", TlsInspector.getDefaultInstance());

  /** Restores the address that a redirected connection was meant for. */
  static final ListenerFilter ORIGINAL_DESTINATION =
      filter("envoy.filters.listener.original_dst", OriginalDst.getDefaultInstance());

  /**
   * How long a proxy that cannot speak first waits for the client's first bytes. Heddle's own proxy
   * never waits; a stock Envoy does, and goes on as TCP then.
   */
  private static final Duration PATIENCE = Duration.newBuilder().setNanos(100_000_000).build();

  private ListenerFilters() {}

  /** Adds filters to a listener, and lets a connection on whose client keeps silent. */
  static void add(Listener.Builder listener, ListenerFilter... filters) {
    listener
        .addAllListenerFilters(List.of(filters))
        .setListenerFiltersTimeout(PATIENCE)
        .setContinueOnListenerFiltersTimeout(true);
  }

  private static ListenerFilter filter(String name, Message configuration) {
    return ListenerFilter.newBuilder()
        .setName(name)
        .setTypedConfig(Packing.pack(configuration))
        .build();
  }
}
