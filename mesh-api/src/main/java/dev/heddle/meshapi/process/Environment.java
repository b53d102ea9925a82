package dev.heddle.meshapi.process;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads settings from environment variables. A variable that is set to the empty string counts as
 * not set. Every violation is an {@link InvalidSettingException} that names the variable, its value
 * and what was expected.
 */
public final class Environment {
  private final Map<String, String> variables;

  public Environment(Map<String, String> variables) {
    this.variables = Map.copyOf(variables);
  }

  /** The environment of this process. */
  public static Environment ofProcess() {
    return new Environment(System.getenv());
  }

  public Optional<String> optional(String name) {
    return Optional.ofNullable(variables.get(name)).filter(value -> !value.isBlank());
  }

  public String required(String name, String expected) {
    return optional(name).orElseThrow(() -> new InvalidSettingException(name, "not set", expected));
  }

  public String text(String name, String otherwise) {
    return optional(name).orElse(otherwise);
  }

  /** An ISO-8601 duration such as {@code PT24H} or {@code P365D}, within both bounds inclusive. */
  public Duration duration(String name, Duration otherwise, Duration least, Duration most) {
    Optional<String> text = optional(name);
    if (text.isEmpty()) {
      return otherwise;
    }
    String expected = "an ISO-8601 duration from " + least + " to " + most;
    try {
      Duration value = Duration.parse(text.get());
      if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
        throw new InvalidSettingException(name, text.get(), expected);
      }
      return value;
    } catch (DateTimeParseException e) {
      throw new InvalidSettingException(name, text.get(), expected);
    }
  }

  /** A whole number within both bounds inclusive. */
  public int integer(String name, int otherwise, int least, int most) {
    Optional<String> text = optional(name);
    if (text.isEmpty()) {
      return otherwise;
    }
    String expected = "a whole number from " + least + " to " + most;
    try {
      int value = Integer.parseInt(text.get());
      if (value < least || value > most) {
        throw new InvalidSettingException(name, text.get(), expected);
      }
      return value;
    } catch (NumberFormatException e) {
      throw new InvalidSettingException(name, text.get(), expected);
    }
  }

  /** One of the words given. */
  public String oneOf(String name, String otherwise, List<String> allowed) {
    String value = text(name, otherwise);
    if (!allowed.contains(value)) {
      throw new InvalidSettingException(name, value, "one of " + String.join(", ", allowed));
    }
    return value;
  }
}
