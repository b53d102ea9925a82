package dev.heddle.dataplane.http.route;

import dev.heddle.dataplane.config.HeaderMutation;
import dev.heddle.dataplane.config.HeaderTemplate;
import dev.heddle.dataplane.connection.ConnectionContext;
import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.http.message.RequestHead;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Changes headers as a route says. */
public final class HeaderMutator {
  private HeaderMutator() {}

  /**
   * Does the mutations in their order.
   *
   * @param request whose headers values may be taken from; its own may be those that are changed
   * @param protocol of the downstream connection
   */
  public static void apply(
      List<HeaderMutation> mutations,
      HttpHeaders headers,
      RequestHead request,
      ConnectionContext connection,
      HttpProtocol protocol) {
    for (int i = 0; i < mutations.size(); i++) {
      switch (mutations.get(i)) {
        case HeaderMutation.Remove remove -> headers.remove(remove.name());
        case HeaderMutation.Set set -> set(set, headers, request, connection, protocol);
      }
    }
  }

  private static void set(
      HeaderMutation.Set set,
      HttpHeaders headers,
      RequestHead request,
      ConnectionContext connection,
      HttpProtocol protocol) {
    String value = value(set.value(), request, connection, protocol);
    if (value.isEmpty() && !set.keepEmpty()) {
      return;
    }
    switch (set.when()) {
      case APPEND -> headers.add(set.name(), value);
      case OVERWRITE -> headers.set(set.name(), value);
      case IF_ABSENT -> {
        if (!headers.contains(set.name())) {
          headers.set(set.name(), value);
        }
      }
      case IF_PRESENT -> {
        if (headers.contains(set.name())) {
          headers.set(set.name(), value);
        }
      }
    }
  }

  /** What a template says of a request; empty where it says nothing. */
  public static String value(
      HeaderTemplate template,
      RequestHead request,
      ConnectionContext connection,
      HttpProtocol protocol) {
    List<HeaderTemplate.Part> parts = template.parts();
    if (parts.size() == 1) {
      return part(parts.getFirst(), request, connection, protocol);
    }
    StringBuilder value = new StringBuilder();
    for (int i = 0; i < parts.size(); i++) {
      value.append(part(parts.get(i), request, connection, protocol));
    }
    return value.toString();
  }

  private static String part(
      HeaderTemplate.Part part,
      RequestHead request,
      ConnectionContext connection,
      HttpProtocol protocol) {
    return switch (part) {
      case HeaderTemplate.Part.Literal literal -> literal.text();
      case HeaderTemplate.Part.RequestHeader header -> header(header, request);
      case HeaderTemplate.Connection about -> about(about, connection, protocol);
    };
  }

  private static String header(HeaderTemplate.Part.RequestHeader header, RequestHead request) {
    @Nullable String value = RequestFields.value(header.name(), request);
    if (value == null && header.alternative() != null) {
      value = RequestFields.value(header.alternative(), request);
    }
    if (value == null) {
      return "";
    }
    return value.length() > header.maxLength() ? value.substring(0, header.maxLength()) : value;
  }

  private static String about(
      HeaderTemplate.Connection about, ConnectionContext connection, HttpProtocol protocol) {
    return switch (about) {
      case DOWNSTREAM_REMOTE_ADDRESS -> NetUtil.toSocketAddressString(connection.source());
      case DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT -> ip(connection.source());
      case DOWNSTREAM_REMOTE_PORT -> Integer.toString(connection.source().getPort());
      case DOWNSTREAM_LOCAL_ADDRESS ->
          NetUtil.toSocketAddressString(connection.originalDestination());
      case DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT -> ip(connection.originalDestination());
      case DOWNSTREAM_LOCAL_PORT -> Integer.toString(connection.originalDestination().getPort());
      case DOWNSTREAM_PEER_URI_SAN -> connection.peer() == null ? "" : connection.peer().toString();
      case PROTOCOL ->
          switch (protocol) {
            case HTTP1 -> "HTTP/1.1";
            case HTTP2 -> "HTTP/2";
          };
    };
  }

  private static String ip(InetSocketAddress address) {
    return NetUtil.toAddressString(address.getAddress());
  }
}
