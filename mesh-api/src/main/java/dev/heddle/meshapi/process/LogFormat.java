package dev.heddle.meshapi.process;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.logging.Formatter;
import java.util.logging.LogRecord;
import org.jspecify.annotations.Nullable;

/**
 * {@code time level [component] message}, one line per record. What was thrown is appended as its
 * chain of messages; errors, and everything while debugging, carry the stack trace on the lines
 * below.
 */
final class LogFormat extends Formatter {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSX", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private final boolean stackTraces;

  /**
   * @param stackTraces whether a stack trace is written at every level, not only for errors
   */
  LogFormat(boolean stackTraces) {
    this.stackTraces = stackTraces;
  }

  @Override
  public String format(LogRecord record) {
    LogLevel level = LogLevel.of(record.getLevel());
    StringBuilder line = new StringBuilder(160);
    TIME.formatTo(record.getInstant(), line);
    line.append(' ').append(level.name().toLowerCase(Locale.ROOT));
    line.append(" [").append(component(record.getLoggerName())).append("] ");
    line.append(oneLine(formatMessage(record)));
    Throwable thrown = record.getThrown();
    if (thrown != null) {
      appendCauses(line, thrown);
    }
    line.append('\n');
    if (thrown != null && (stackTraces || level == LogLevel.ERROR)) {
      StringWriter trace = new StringWriter();
      thrown.printStackTrace(new PrintWriter(trace));
      line.append(trace);
    }
    return line.toString();
  }

  private static void appendCauses(StringBuilder line, Throwable thrown) {
    // A chain of causes can be a ring; nobody reads beyond a few.
    Throwable cause = thrown;
    for (int depth = 0; cause != null && depth < 5; depth++) {
      line.append(": ").append(cause.getClass().getSimpleName());
      if (cause.getMessage() != null) {
        line.append(": ").append(oneLine(cause.getMessage()));
      }
      cause = cause.getCause();
    }
  }

  /**
   * Log injection: a message that holds what a peer sent must not be able to begin a line of its
   * own.
   */
  private static String oneLine(String message) {
    return message.indexOf('\n') < 0 && message.indexOf('\r') < 0
        ? message
        : message.replace('\r', ' ').replace('\n', ' ');
  }

  private static String component(@Nullable String logger) {
    if (logger == null) {
      return "-";
    }
    return logger.substring(logger.lastIndexOf('.') + 1);
  }
}
