package dev.heddle.operator;

import dev.heddle.operator.resources.Release;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.logging.Level;

/**
 * What the operator is started with.
 *
 * @param release what it adds to a MeshInstall that does not say
 * @param podName the name of its pod; absent outside a cluster, where there is nobody to compete
 *     with for being the leader
 * @param healthPort where it answers the kubelet
 * @param logLevel how much it logs
 */
record OperatorSettings(Release release, Optional<String> podName, int healthPort, Level logLevel) {
  private static final String DEFAULT_NAMESPACE = "heddle-operator";
  private static final int DEFAULT_HEALTH_PORT = 15020;
  private static final String SNAPSHOT = "-SNAPSHOT";

  /**
   * Reads the settings from an environment.
   *
   * @throws IllegalArgumentException if a value is not what it should be
   */
  static OperatorSettings of(Map<String, String> environment) {
    return new OperatorSettings(
        new Release(
            environment.getOrDefault("HEDDLE_IMAGE_REGISTRY", ""),
            environment.getOrDefault("HEDDLE_IMAGE_TAG", version()),
            environment.getOrDefault("HEDDLE_OPERATOR_NAMESPACE", DEFAULT_NAMESPACE)),
        Optional.ofNullable(environment.get("HEDDLE_POD_NAME")),
        port(environment),
        level(environment.getOrDefault("HEDDLE_LOG_LEVEL", "info")));
  }

  /** The version that this was built as, without the mark of an unfinished one. */
  private static String version() {
    try (InputStream file = OperatorSettings.class.getResourceAsStream("version.properties")) {
      if (file == null) {
        throw new IllegalStateException("version.properties: not on the class path");
      }
      Properties properties = new Properties();
      properties.load(file);
      String version = properties.getProperty("version", "");
      return version.endsWith(SNAPSHOT)
          ? version.substring(0, version.length() - SNAPSHOT.length())
          : version;
    } catch (IOException e) {
      throw new UncheckedIOException("version.properties: cannot be read", e);
    }
  }

  private static int port(Map<String, String> environment) {
    String text = environment.get("HEDDLE_HEALTH_PORT");
    if (text == null) {
      return DEFAULT_HEALTH_PORT;
    }
    if (!text.matches("[0-9]{1,5}") || Integer.parseInt(text) > 65535) {
      throw new IllegalArgumentException("HEDDLE_HEALTH_PORT: " + text + " (expected: 0 to 65535)");
    }
    return Integer.parseInt(text);
  }

  private static Level level(String text) {
    return switch (text) {
      case "error" -> Level.SEVERE;
      case "warn" -> Level.WARNING;
      case "info" -> Level.INFO;
      case "debug" -> Level.FINE;
      default ->
          throw new IllegalArgumentException(
              "HEDDLE_LOG_LEVEL: " + text + " (expected: error, warn, info or debug)");
    };
  }
}
