package dev.heddle.dataplane.http.filter;

import dev.heddle.dataplane.config.HttpFilter.LocalRateLimit.Description;
import dev.heddle.dataplane.config.HttpFilter.LocalRateLimit.Entry;
import dev.heddle.dataplane.config.HttpFilter.LocalRateLimit.Source;
import dev.heddle.dataplane.connection.ConnectionContext;
import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.http.message.RequestHead;
import dev.heddle.dataplane.http.route.HeaderMutator;
import dev.heddle.dataplane.http.route.RequestFields;
import dev.heddle.dataplane.http.route.RequestMatcher;
import io.netty.util.NetUtil;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Describes requests for rate limits, by Envoy's rate limit actions. */
final class RequestDescription {
  private RequestDescription() {}

  /** The parts in their order; null if the request lacks one. */
  static @Nullable List<Entry> of(
      Description description,
      RequestHead request,
      ConnectionContext connection,
      HttpProtocol protocol) {
    List<Entry> entries = new ArrayList<>(description.sources().size());
    for (int i = 0; i < description.sources().size(); i++) {
      switch (description.sources().get(i)) {
        case Source.Text(String key, var template) -> {
          String value = HeaderMutator.value(template, request, connection, protocol);
          if (value.isEmpty()) {
            return null;
          }
          entries.add(new Entry(key, value));
        }
        case Source.Header header -> {
          String value = RequestFields.value(header.name(), request);
          if (value != null) {
            entries.add(new Entry(header.key(), value));
          } else if (!header.skipIfAbsent()) {
            return null;
          }
        }
        case Source.RemoteAddress _ ->
            entries.add(
                new Entry(
                    "remote_address", NetUtil.toAddressString(connection.source().getAddress())));
        case Source.HeaderMatches matches -> {
          if (RequestMatcher.headersMatch(matches.headers(), request) != matches.expected()) {
            return null;
          }
          entries.add(new Entry(matches.key(), matches.value()));
        }
      }
    }
    return entries;
  }
}
