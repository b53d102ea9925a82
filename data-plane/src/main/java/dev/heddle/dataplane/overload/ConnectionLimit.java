package dev.heddle.dataplane.overload;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many downstream connections may be open. Each may need a connection to a server as well, so
 * that the process must not have used up its file descriptors when it still accepts.
 */
public final class ConnectionLimit {
  private static final Logger LOGGER = LoggerFactory.getLogger(ConnectionLimit.class);

  private static final int MAX = 20_000;
  private static final int MIN = 64;

  /** Libraries, logs, listening sockets, the control plane. */
  private static final int RESERVED_DESCRIPTORS = 128;

  private static final Pattern OPEN_FILES =
      Pattern.compile("(?m)^Max open files +(\\d+|unlimited) ");

  private ConnectionLimit() {}

  /** What this process's limits allow (proc(5)). */
  public static int ofProcess() {
    try {
      return of(Files.readString(Path.of("/proc/self/limits")));
    } catch (IOException e) {
      LOGGER.warn("The limits of this process cannot be read: {}", e.toString());
      return MAX;
    }
  }

  static int of(String limits) {
    Matcher openFiles = OPEN_FILES.matcher(limits);
    if (!openFiles.find() || openFiles.group(1).equals("unlimited")) {
      return MAX;
    }
    long descriptors = Long.parseLong(openFiles.group(1));
    return Math.clamp((descriptors - RESERVED_DESCRIPTORS) / 2, MIN, MAX);
  }
}
