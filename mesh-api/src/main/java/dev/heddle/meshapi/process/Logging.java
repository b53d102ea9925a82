package dev.heddle.meshapi.process;

import java.util.logging.ConsoleHandler;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.Logger;

/** Sends everything logged in this process to standard error in one format. */
public final class Logging {
  /**
   * Held strongly: the log manager keeps loggers only weakly, and with them the levels set here.
   */
  private static final Logger ROOT = Logger.getLogger("");

  private static final Logger HEDDLE = Logger.getLogger("dev.heddle");

  private Logging() {}

  /**
   * Replaces whatever logging was set up before. Libraries stay at info while Heddle itself is
   * debugged: their debug output holds tokens and is too much to read.
   */
  public static void configure(LogLevel level) {
    LogManager.getLogManager().reset();
    Handler handler = new ConsoleHandler();
    handler.setLevel(Level.ALL);
    handler.setFormatter(new LogFormat(level == LogLevel.DEBUG));
    ROOT.addHandler(handler);
    ROOT.setLevel(level == LogLevel.DEBUG ? Level.INFO : level.level());
    setLevel(level);
  }

  /** Changes the level of Heddle's own loggers while the process runs. */
  public static void setLevel(LogLevel level) {
    HEDDLE.setLevel(level.level());
  }
}
