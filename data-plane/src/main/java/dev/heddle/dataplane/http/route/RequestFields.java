package dev.heddle.dataplane.http.route;

import dev.heddle.dataplane.http.message.RequestHead;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/** What a request says under a name. */
public final class RequestFields {
  private RequestFields() {}

  /**
   * A header's values, joined by a comma; null where there is none.
   *
   * @param name lower case, or a pseudo-header
   */
  public static @Nullable String value(String name, RequestHead request) {
    return switch (name) {
      case ":method" -> request.method();
      case ":authority", "host" -> request.authority();
      case ":path" -> request.path();
      case ":scheme" -> request.scheme();
      default -> header(name, request);
    };
  }

  private static @Nullable String header(String name, RequestHead request) {
    Iterator<? extends CharSequence> values = request.headers().valueCharSequenceIterator(name);
    if (!values.hasNext()) {
      return null;
    }
    String first = values.next().toString();
    if (!values.hasNext()) {
      return first;
    }
    // The iterator does not tell the values in their order.
    return String.join(",", request.headers().getAll(name));
  }

  /** A path with its query, from which every parameter of a name is gone. */
  public static String withoutQueryParameter(String name, String path) {
    int query = path.indexOf('?');
    if (query < 0) {
      return path;
    }
    StringBuilder rest = new StringBuilder(path.length()).append(path, 0, query);
    char separator = '?';
    int from = query + 1;
    while (from <= path.length()) {
      int end = path.indexOf('&', from);
      if (end < 0) {
        end = path.length();
      }
      int afterName = from + name.length();
      boolean named =
          path.startsWith(name, from)
              && afterName <= end
              && (afterName == end || path.charAt(afterName) == '=');
      if (!named) {
        rest.append(separator).append(path, from, end);
        separator = '&';
      }
      from = end + 1;
    }
    return rest.toString();
  }

  /** The first value of a parameter as it is written, empty where it has none; null if absent. */
  public static @Nullable String queryParameter(String name, RequestHead request) {
    String target = request.path();
    int from = request.pathLength() + 1;
    while (from <= target.length()) {
      int end = target.indexOf('&', from);
      if (end < 0) {
        end = target.length();
      }
      int afterName = from + name.length();
      if (afterName <= end && target.startsWith(name, from)) {
        if (afterName == end) {
          return "";
        }
        if (target.charAt(afterName) == '=') {
          return target.substring(afterName + 1, end);
        }
      }
      from = end + 1;
    }
    return null;
  }
}
