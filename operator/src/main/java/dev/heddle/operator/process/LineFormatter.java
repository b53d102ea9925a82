package dev.heddle.operator.process;

import java.time.temporal.ChronoUnit;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.jspecify.annotations.Nullable;

/**
 * Writes each log record as one line: time in UTC, level, logger, message, and the chain of causes
 * with the place of each.
 */
public final class LineFormatter extends Formatter {
  @Override
  public String format(LogRecord entry) {
    StringBuilder line =
        new StringBuilder(256)
            .append(entry.getInstant().truncatedTo(ChronoUnit.MILLIS))
            .append(' ')
            .append(level(entry.getLevel()))
            .append(' ')
            .append(shortName(entry.getLoggerName()))
            .append(": ")
            .append(formatMessage(entry));
    for (Throwable cause = entry.getThrown(); cause != null; cause = cause.getCause()) {
      line.append(" <- ").append(cause);
      if (cause.getStackTrace().length > 0) {
        line.append(" at ").append(cause.getStackTrace()[0]);
      }
    }
    return line.toString().replace("\r", "").replace("\n", "\\n") + "\n";
  }

  private static String level(Level level) {
    return switch (level.getName()) {
      case "SEVERE" -> "ERROR";
      case "WARNING" -> "WARN";
      case "INFO", "CONFIG" -> "INFO";
      default -> "DEBUG";
    };
  }

  private static String shortName(@Nullable String logger) {
    return logger == null ? "-" : logger.substring(logger.lastIndexOf('.') + 1);
  }
}
