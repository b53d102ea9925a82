package dev.heddle.dataplane.fuzz;

import dev.heddle.dataplane.fuzz.StrictHttp1.Message;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The policy of {@link ForwardedRequests} once more, written by hand and read as a careless
 * application reads a path: escapes decoded, backslashes taken for slashes, path parameters cut,
 * dot segments resolved.
 */
final class IndependentPolicy {
  private IndependentPolicy() {}

  static boolean allows(Message request) {
    String target = request.second();
    String path = target.contains("?") ? target.substring(0, target.indexOf('?')) : target;
    return allows(path, request) && !climbs(path);
  }

  private static boolean allows(String path, Message request) {
    return path.equals("/")
        || path.startsWith("/open/")
        || path.matches("/v[0-9]+/[^/]*")
        || (path.startsWith("/guarded")
            && request.method().equals("GET")
            && String.join(",", request.all("x-role")).equals("admin"));
  }

  /** Whether an application could find a dot segment in it. */
  private static boolean climbs(String path) {
    String decoded = decode(path).replace('\\', '/');
    for (String segment : decoded.split("/", -1)) {
      int parameter = segment.indexOf(';');
      String name = parameter < 0 ? segment : segment.substring(0, parameter);
      if (name.equals(".") || name.equals("..")) {
        return true;
      }
    }
    return false;
  }

  static String decode(String path) {
    List<Byte> bytes = new ArrayList<>();
    for (int i = 0; i < path.length(); i++) {
      if (path.charAt(i) == '%') {
        bytes.add((byte) Integer.parseInt(path.substring(i + 1, i + 3), 16));
        i += 2;
      } else {
        bytes.add((byte) path.charAt(i));
      }
    }
    byte[] array = new byte[bytes.size()];
    for (int i = 0; i < array.length; i++) {
      array[i] = bytes.get(i);
    }
    return new String(array, StandardCharsets.ISO_8859_1);
  }
}
