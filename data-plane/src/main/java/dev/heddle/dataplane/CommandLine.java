package dev.heddle.dataplane;

import dev.heddle.meshapi.process.InvalidSettingException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the proxy is asked to do. */
sealed interface CommandLine {

  String USAGE =
      """
      heddle-proxy: the proxy of the Heddle service mesh

        heddle-proxy                         serve a pod; everything comes from HEDDLE_... variables
        heddle-proxy --config FILE           serve by an Envoy bootstrap (YAML or JSON)

        --concurrency N                      event loops (default: HEDDLE_CONCURRENCY or 1)
        --validate                           check FILE and the files it names, and exit
        --version                            print the build and exit
        --help                               print this and exit
      """;

  /**
   * Serves.
   *
   * @param config null in a pod
   * @param concurrency null where it is not said
   */
  record Serve(@Nullable Path config, @Nullable Integer concurrency) implements CommandLine {}

  record Validate(Path config) implements CommandLine {}

  record Version() implements CommandLine {}

  record Help() implements CommandLine {}

  /**
   * Reads the arguments.
   *
   * @throws InvalidSettingException for the first one that is wrong
   */
  static CommandLine parse(List<String> arguments) {
    @Nullable Path config = null;
    @Nullable Integer concurrency = null;
    boolean validate = false;
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      switch (argument) {
        case "--help", "-h" -> {
          return new Help();
        }
        case "--version" -> {
          return new Version();
        }
        case "--validate" -> validate = true;
        case "--config", "-c" -> config = Path.of(value(arguments, ++i, argument, "a file"));
        case "--concurrency" -> concurrency = number(value(arguments, ++i, argument, "a number"));
        default ->
            throw new InvalidSettingException(
                "argument", argument, "--config, --concurrency, --validate, --version or --help");
      }
    }
    if (!validate) {
      return new Serve(config, concurrency);
    }
    if (config == null) {
      throw new InvalidSettingException("--validate", "without --config", "--config FILE");
    }
    return new Validate(config);
  }

  private static String value(List<String> arguments, int index, String option, String expected) {
    if (index >= arguments.size()) {
      throw new InvalidSettingException(option, "nothing", expected);
    }
    return arguments.get(index);
  }

  private static int number(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new InvalidSettingException("--concurrency", text, "a number");
    }
  }
}
