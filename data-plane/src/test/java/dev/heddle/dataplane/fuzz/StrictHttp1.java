package dev.heddle.dataplane.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Reads HTTP/1.1 as the strictest server or client there is would (RFC 9112), and fails at anything
 * that two readers could read in two ways. Shares no code with the proxy.
 */
final class StrictHttp1 {
  private static final String TOKEN_PUNCTUATION = "!#$%&'*+-.^_`|~";

  private final byte[] bytes;
  private final String text;
  private int at;

  record Header(String name, String value) {}

  /**
   * One message.
   *
   * @param headers names in lower case
   * @param body decoded
   * @param complete whether all of it is there
   */
  record Message(
      String startLine,
      List<Header> headers,
      String body,
      List<Header> trailers,
      boolean complete) {

    List<String> all(String name) {
      return headers.stream()
          .filter(header -> header.name().equals(name))
          .map(Header::value)
          .toList();
    }

    /** The middle word of a request line, the status of a status line. */
    String second() {
      return startLine.split(" ", -1)[1];
    }

    String method() {
      return startLine.substring(0, startLine.indexOf(' '));
    }

    boolean webSocket() {
      return !all("upgrade").isEmpty();
    }
  }

  private StrictHttp1(byte[] bytes) {
    this.bytes = bytes;
    this.text = new String(bytes, ISO_8859_1);
  }

  /** All requests; after one that asks for an upgrade the rest is not looked at. */
  static List<Message> requests(byte[] bytes) {
    return new StrictHttp1(bytes).requests();
  }

  /**
   * All answers; after one that upgrades the rest is not looked at.
   *
   * @param methods of the requests in order; there may not be more answers
   * @param closed whether the connection was closed behind the bytes
   */
  static List<Message> responses(byte[] bytes, List<String> methods, boolean closed) {
    return new StrictHttp1(bytes).responses(methods, closed);
  }

  private List<Message> requests() {
    List<Message> messages = new ArrayList<>();
    while (at < bytes.length) {
      Message request = request();
      messages.add(request);
      if (!request.complete() || request.webSocket()) {
        break;
      }
    }
    return messages;
  }

  private Message request() {
    int headEnd = headEnd();
    if (headEnd < 0) {
      return incomplete();
    }
    String line = line();
    String[] words = line.split(" ", -1);
    require(words.length == 3, "request line of three words", line);
    require(isToken(words[0]), "a method that is a token", line);
    require(words[2].equals("HTTP/1.1"), "HTTP/1.1", line);
    requireTarget(words[1]);
    List<Header> headers = headers();
    require(count(headers, "host") == 1, "one Host", headers);
    return withBody(line, headers, true, false);
  }

  private static void requireTarget(String target) {
    require(target.equals("*") || target.startsWith("/"), "a path or *", target);
    for (int i = 0; i < target.length(); i++) {
      char c = target.charAt(i);
      require(c > ' ' && c < 0x7f && c != '#', "a target of printable ASCII", target);
    }
  }

  private List<Message> responses(List<String> methods, boolean closed) {
    List<Message> messages = new ArrayList<>();
    int answered = 0;
    while (at < bytes.length) {
      if (headEnd() < 0) {
        messages.add(incomplete());
        break;
      }
      String line = line();
      require(line.matches("HTTP/1\\.1 [1-9][0-9]{2} [\\t -~\\x80-\\xff]*"), "a status line", line);
      int status = Integer.parseInt(line.substring(9, 12));
      List<Header> headers = headers();
      if (status < 200) {
        require(
            status == 101 || (count(headers, "content-length") == 0 && !chunked(headers)),
            "no body of an informational answer",
            headers);
        messages.add(new Message(line, headers, "", List.of(), true));
        if (status == 101) {
          break;
        }
        continue;
      }
      require(answered < methods.size(), "no answer to what nobody asked", text.substring(at));
      boolean bodyless = methods.get(answered++).equals("HEAD") || status == 204 || status == 304;
      Message message =
          bodyless
              ? new Message(line, headers, "", List.of(), true)
              : withBody(line, headers, false, closed);
      messages.add(message);
      if (!message.complete()) {
        break;
      }
    }
    return messages;
  }

  private Message withBody(String line, List<Header> headers, boolean request, boolean closed) {
    long lengths = count(headers, "content-length");
    if (chunked(headers)) {
      require(lengths == 0, "no length beside a coding", headers);
      return chunkedBody(line, headers);
    }
    require(lengths <= 1, "one length", headers);
    if (lengths == 0 && !request) {
      String rest = text.substring(at);
      at = bytes.length;
      return new Message(line, headers, rest, List.of(), closed);
    }
    long length = lengths == 0 ? 0 : length(value(headers, "content-length"));
    int available = (int) Math.min(length, bytes.length - at);
    String body = text.substring(at, at + available);
    at += available;
    return new Message(line, headers, body, List.of(), available == length);
  }

  private Message chunkedBody(String line, List<Header> headers) {
    StringBuilder body = new StringBuilder();
    while (true) {
      int end = text.indexOf("\r\n", at);
      if (end < 0) {
        break;
      }
      String size = text.substring(at, end);
      require(size.matches("[0-9a-f]{1,8}"), "a chunk size and nothing else", size);
      int length = Integer.parseInt(size, 16);
      at = end + 2;
      if (length == 0) {
        if (headEnd() < 0) {
          break;
        }
        return new Message(line, headers, body.toString(), headers(), true);
      }
      if (bytes.length < at + length + 2) {
        body.append(text, at, Math.min(bytes.length, at + length));
        break;
      }
      body.append(text, at, at + length);
      at += length;
      require(text.startsWith("\r\n", at), "CRLF behind a chunk", text.substring(at));
      at += 2;
    }
    at = bytes.length;
    return new Message(line, headers, body.toString(), List.of(), false);
  }

  private Message incomplete() {
    String head = text.substring(at);
    at = bytes.length;
    return new Message(head, List.of(), "", List.of(), false);
  }

  /** Where the head or the trailers that begin here end; negative if they do not. */
  private int headEnd() {
    if (text.startsWith("\r\n", at)) {
      return at + 2;
    }
    int end = text.indexOf("\r\n\r\n", at);
    return end < 0 ? -1 : end + 4;
  }

  private String line() {
    int end = text.indexOf("\r\n", at);
    String line = text.substring(at, end);
    at = end + 2;
    return line;
  }

  private List<Header> headers() {
    List<Header> headers = new ArrayList<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      require(colon > 0, "a header line", line);
      String name = line.substring(0, colon);
      require(isToken(name), "a name that is a token", line);
      String value = line.substring(colon + 1);
      value = value.startsWith(" ") ? value.substring(1) : value;
      require(value.equals(value.strip()), "a value without white space at its ends", line);
      for (int i = 0; i < value.length(); i++) {
        char c = value.charAt(i);
        require(c == '\t' || (c >= ' ' && c != 0x7f), "a value without controls", line);
      }
      headers.add(new Header(name.toLowerCase(Locale.ROOT), value));
    }
    return headers;
  }

  private static boolean chunked(List<Header> headers) {
    List<String> codings =
        headers.stream()
            .filter(header -> header.name().equals("transfer-encoding"))
            .map(Header::value)
            .toList();
    require(codings.isEmpty() || codings.equals(List.of("chunked")), "chunked, once", codings);
    return !codings.isEmpty();
  }

  private static long length(String value) {
    require(value.matches("[0-9]{1,18}"), "a length of digits", value);
    return Long.parseLong(value);
  }

  private static long count(List<Header> headers, String name) {
    return headers.stream().filter(header -> header.name().equals(name)).count();
  }

  private static String value(List<Header> headers, String name) {
    return headers.stream()
        .filter(header -> header.name().equals(name))
        .findFirst()
        .orElseThrow()
        .value();
  }

  private static boolean isToken(String text) {
    return !text.isEmpty()
        && text.chars()
            .allMatch(c ->
                (c >= '0' && c <= '9')
                    || (c >= 'a' && c <= 'z')
                    || (c >= 'A' && c <= 'Z')
                    || TOKEN_PUNCTUATION.indexOf(c) >= 0);
  }

  private static void require(boolean holds, String expected, Object actual) {
    if (!holds) {
      throw new AssertionError(actual + " (expected: " + expected + ")");
    }
  }
}
