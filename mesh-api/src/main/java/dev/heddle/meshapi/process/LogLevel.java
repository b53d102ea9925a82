package dev.heddle.meshapi.process;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.logging.Level;

/** How much a process writes to its log. */
public enum LogLevel {
  ERROR,
  WARN,
  INFO,
  DEBUG;

  /** The environment variable that chooses the level. */
  public static final String VARIABLE = "HEDDLE_LOG_LEVEL";

  /** The level that {@link #VARIABLE} names, {@link #INFO} if it is not set. */
  public static LogLevel from(Environment environment) {
    List<String> words =
        Arrays.stream(values()).map(value -> value.name().toLowerCase(Locale.ROOT)).toList();
    return valueOf(environment.oneOf(VARIABLE, "info", words).toUpperCase(Locale.ROOT));
  }

  Level level() {
    return switch (this) {
      case ERROR -> Level.SEVERE;
      case WARN -> Level.WARNING;
      case INFO -> Level.INFO;
      case DEBUG -> Level.FINE;
    };
  }

  /** The nearest level at or below a level of {@code java.util.logging}. */
  static LogLevel of(Level level) {
    int value = level.intValue();
    if (value >= Level.SEVERE.intValue()) {
      return ERROR;
    }
    if (value >= Level.WARNING.intValue()) {
      return WARN;
    }
    return value >= Level.INFO.intValue() ? INFO : DEBUG;
  }
}
