package dev.heddle.dataplane.twin;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One folder of cases: a bootstrap, and what is expected of every proxy that takes it.
 *
 * <p>{@code unasked} is what apps do with requests that the proxy makes on its own.
 *
 * <p>In the bootstrap {@code ${a}} is the port of an app named {@code a}, made for the case, and
 * {@code ${closed}} a port that refuses connections. Listeners and the admin address have port 0;
 * requests go to the listener named {@code web} unless they name another.
 */
public record TwinCase(
    String name, String bootstrap, Map<String, List<Answer>> unasked, List<Exchange> requests) {

  private static final ObjectMapper YAML =
      new ObjectMapper(new YAMLFactory())
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.ACCEPT_SINGLE_VALUE_AS_ARRAY);

  private static final Pattern PORT = Pattern.compile("\\$\\{(\\w+)}");

  static final String CLOSED = "closed";

  private record File(@Nullable Map<String, List<Answer>> unasked, List<Exchange> requests) {}

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
                  file.requests());
            } catch (IOException e) {
              throw new IllegalArgumentException(path + ": " + e.getMessage(), e);
            }
          })
          .toList();
    }
  }

  /** The apps that the bootstrap names. */
  SortedSet<String> apps() {
    SortedSet<String> names = new TreeSet<>();
    Matcher port = PORT.matcher(bootstrap);
    while (port.find()) {
      if (!port.group(1).equals(CLOSED)) {
        names.add(port.group(1));
      }
    }
    return names;
  }

  /** The bootstrap with the apps' ports in it. */
  String bootstrap(Map<String, Integer> ports) {
    return PORT.matcher(bootstrap).replaceAll(port -> String.valueOf(ports.get(port.group(1))));
  }

  /**
   * Something sent, and what must come of it.
   *
   * @param listener by name
   * @param repeat how often it is sent, one after another
   * @param answers what the apps do with it, attempt by attempt; the last answer stays. An app
   *     without any answers 200 and its own name
   */
  record Exchange(
      String title,
      @Nullable String listener,
      @Nullable Integer repeat,
      Request send,
      @Nullable Map<String, List<Answer>> answers,
      Expectation expect) {

    String listenerName() {
      return listener == null ? "web" : listener;
    }

    int times() {
      return repeat == null ? 1 : repeat;
    }

    List<Answer> answers(String app) {
      return answers == null ? List.of() : answers.getOrDefault(app, List.of());
    }
  }

  /** By default {@code GET /} to {@code shop.example}. */
  record Request(
      @Nullable String method,
      @Nullable String path,
      @Nullable String host,
      @Nullable Map<String, String> headers,
      @Nullable String body) {}

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
   * What must hold; what is not named may be anything.
   *
   * @param headers the client sees; a value that begins with {@code ~} is a regular expression
   * @param absent headers the client does not see
   * @param received what each app named here gets, attempt by attempt and nothing besides
   * @param shares how many of the repetitions each app gets: at least, at most
   * @param statuses with repetitions: how many answers have each status: at least, at most
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
      @Nullable Integer lasts) {}

  /** A request as an app gets it; what is not named may be anything. */
  record Received(
      @Nullable String method,
      @Nullable String path,
      @Nullable Map<String, String> headers,
      @Nullable List<String> absent,
      @Nullable String body) {}
}
