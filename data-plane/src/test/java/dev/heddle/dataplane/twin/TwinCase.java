package dev.heddle.dataplane.twin;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One folder of cases: a bootstrap, and what is expected of every proxy that takes it.
 *
 * <p>{@code unasked} is what apps do with requests that the proxy makes on its own, {@code tls} the
 * apps that speak TLS. {@code spans} is what an app gets that is a collector of spans, in any
 * order, and nothing besides.
 *
 * <p>In the bootstrap {@code ${a}} is the port of an app named {@code a}, made for the case, and
 * {@code ${closed}} a port that refuses connections. Listeners and the admin address have port 0;
 * requests go to the listener named {@code web} unless they name another.
 *
 * <p>What happens is held against the expectations in the file, and what happens at one proxy
 * against what happens at the other: see {@link TwinComparison}.
 */
public record TwinCase(
    String name,
    String bootstrap,
    Map<String, List<Answer>> unasked,
    Set<String> tls,
    List<Exchange> requests,
    Map<String, List<ExpectedSpan>> spans) {

  private static final ObjectMapper YAML =
      new ObjectMapper(new YAMLFactory())
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.ACCEPT_SINGLE_VALUE_AS_ARRAY);

  private static final Pattern PORT = Pattern.compile("\\$\\{(\\w+)}");

  static final String CLOSED = "closed";

  /** What {@code differs} in every request of the file is said once. */
  private record File(
      @Nullable Map<String, List<Answer>> unasked,
      @Nullable Set<String> tls,
      @Nullable Map<String, String> differs,
      List<Exchange> requests,
      @Nullable Map<String, List<ExpectedSpan>> spans) {

    List<Exchange> exchanges() {
      return differs == null
          ? requests
          : requests.stream().map(exchange -> exchange.differing(differs)).toList();
    }
  }

  /** Every folder below. */
  public static List<TwinCase> all(Path folder) throws IOException {
    try (Stream<Path> folders = Files.list(folder)) {
      return folders
          .filter(Files::isDirectory)
          .sorted()
          .map(path -> {
            try {
              File file = YAML.readValue(path.resolve("requests.yaml").toFile(), File.class);
              return new TwinCase(
                  path.getFileName().toString(),
                  Files.readString(path.resolve("in-bootstrap.yaml")),
                  file.unasked() == null ? Map.of() : file.unasked(),
                  file.tls() == null ? Set.of() : file.tls(),
                  file.exchanges(),
                  file.spans() == null ? Map.of() : file.spans());
            } catch (IOException e) {
              throw new IllegalArgumentException(path + ": " + e.getMessage(), e);
            }
          })
          .toList();
    }
  }

  /** The apps that the bootstrap or a request names. */
  SortedSet<String> apps() {
    SortedSet<String> names = new TreeSet<>();
    Matcher port = PORT.matcher(bootstrap + requests);
    while (port.find()) {
      if (!port.group(1).equals(CLOSED)) {
        names.add(port.group(1));
      }
    }
    return names;
  }

  /** The bootstrap with the apps' ports in it. */
  String bootstrap(Map<String, Integer> ports) {
    return withPorts(bootstrap, ports);
  }

  static String withPorts(String text, Map<String, Integer> ports) {
    return PORT.matcher(text)
        .replaceAll(port -> {
          Integer known = ports.get(port.group(1));
          if (known == null) {
            throw new IllegalArgumentException("there is no app " + port.group(1));
          }
          return known.toString();
        });
  }

  /**
   * Something sent, and what must come of it.
   *
   * @param listener by name
   * @param repeat how often it is sent, one after another
   * @param together whether repetitions are sent all at once
   * @param eventually whether all of it is repeated until what is expected holds
   * @param answers what the apps do with it, attempt by attempt; the last answer stays. An app
   *     without any answers 200 and its own name
   * @param differs what the proxies do differently, as {@link TwinComparison} calls it, and why
   */
  record Exchange(
      String title,
      @Nullable String listener,
      @Nullable Integer repeat,
      @Nullable Boolean together,
      @Nullable Boolean eventually,
      Request send,
      @Nullable Map<String, List<Answer>> answers,
      Expectation expect,
      @Nullable Map<String, String> differs) {

    String listenerName() {
      return listener == null ? "web" : listener;
    }

    int times() {
      return repeat == null ? 1 : repeat;
    }

    boolean atOnce() {
      return Boolean.TRUE.equals(together);
    }

    boolean inTheEnd() {
      return Boolean.TRUE.equals(eventually);
    }

    List<Answer> answers(String app) {
      return answers == null ? List.of() : answers.getOrDefault(app, List.of());
    }

    /** Whether each answer follows from the request, not from chance or from when it came. */
    boolean determined() {
      return expect.shares() == null && expect.statuses() == null && !inTheEnd();
    }

    Exchange differing(Map<String, String> besides) {
      Map<String, String> all = new TreeMap<>(besides);
      all.putAll(differences());
      return new Exchange(
          title, listener, repeat, together, eventually, send, answers, expect, all);
    }

    Map<String, String> differences() {
      return differs == null ? Map.of() : differs;
    }
  }

  /**
   * By default {@code GET /} to {@code shop.example}. In all texts {@code {n}} is the number of the
   * repetition, 0 first, and ${a} the port of an app.
   *
   * @param from the client's address, one of 127.0.0.0/8
   * @param before bytes (as ISO 8859-1) that the connection begins with
   * @param serverName with which the client speaks TLS; null for plaintext
   */
  record Request(
      @Nullable String method,
      @Nullable String path,
      @Nullable String host,
      @Nullable Map<String, String> headers,
      @Nullable String body,
      @Nullable String from,
      @Nullable String before,
      @Nullable String serverName) {}

  /**
   * What an app does.
   *
   * @param delay before it answers, in milliseconds
   * @param reset whether it resets the connection instead of answering
   */
  record Answer(
      @Nullable Integer status,
      @Nullable Map<String, String> headers,
      @Nullable String body,
      @Nullable Integer delay,
      @Nullable Boolean reset) {

    static final Answer OWN_NAME = new Answer(null, null, null, null, null);
  }

  /**
   * What must hold; what is not named may be anything, as long as it is the same at both proxies.
   *
   * @param status {@link TwinResponse#CLOSED} where the connection ends without an answer
   * @param headers the client sees; a value that begins with {@code ~} is a regular expression
   * @param absent headers the client does not see
   * @param received what each app named here gets, attempt by attempt and nothing besides
   * @param shares how many of the repetitions each app gets: at least, at most
   * @param statuses with repetitions: how many answers have each status: at least, at most
   * @param spread with repetitions: over how many apps they spread: at least, at most
   * @param lasts in milliseconds, at least
   */
  record Expectation(
      @Nullable Integer status,
      @Nullable Map<String, String> headers,
      @Nullable List<String> absent,
      @Nullable String body,
      @Nullable Map<String, List<Received>> received,
      @Nullable Map<String, List<Integer>> shares,
      @Nullable Map<Integer, List<Integer>> statuses,
      @Nullable List<Integer> spread,
      @Nullable Integer lasts) {}

  /** A request as an app gets it; what is not named may be anything. */
  record Received(
      @Nullable String method,
      @Nullable String path,
      @Nullable Map<String, String> headers,
      @Nullable List<String> absent,
      @Nullable String body) {}

  /**
   * A span as a collector gets it; what is not named may be anything.
   *
   * @param error whether its status is an error
   * @param trace its trace's id; a new one if it is not named
   * @param parent its parent's id; empty for none
   * @param attributes a value that begins with {@code ~} is a regular expression
   */
  record ExpectedSpan(
      String name,
      String kind,
      boolean error,
      @Nullable String trace,
      @Nullable String parent,
      @Nullable Map<String, String> attributes,
      @Nullable List<String> absent) {}
}
