package dev.heddle.operator.process;

import java.util.logging.ConsoleHandler;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.Logger;

/** Sets up logging: lines on standard error. */
public final class Logging {
  /** Kept, because the JDK holds loggers weakly and would forget their levels. */
  private static final Logger HEDDLE = Logger.getLogger("dev.heddle");

  private static final Logger ROOT = Logger.getLogger("");

  private Logging() {}

  /**
   * Logs Heddle's own records from a level on, and those of libraries from WARN on unless the level
   * is lower than INFO.
   */
  public static void start(Level level) {
    LogManager.getLogManager().reset();
    Handler handler = new ConsoleHandler();
    handler.setFormatter(new LineFormatter());
    handler.setLevel(Level.ALL);
    ROOT.addHandler(handler);
    boolean isVerbose = level.intValue() < Level.INFO.intValue();
    ROOT.setLevel(isVerbose ? Level.FINE : Level.WARNING);
    HEDDLE.setLevel(level);
  }
}
