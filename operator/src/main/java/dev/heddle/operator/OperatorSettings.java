package dev.heddle.operator;

import dev.heddle.meshapi.process.Environment;
import dev.heddle.meshapi.process.HealthServer;
import dev.heddle.meshapi.process.LogLevel;
import dev.heddle.operator.resources.Release;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.Properties;

/**
 * What the operator is started with.
 *
 * @param release what it adds to a MeshInstall that does not say
 * @param podName the name of its pod; absent outside a cluster, where there is nobody to compete
 *     with for being the leader
 * @param healthPort where it answers the kubelet
 * @param logLevel how much it logs
 */
record OperatorSettings(
    Release release, Optional<String> podName, int healthPort, LogLevel logLevel) {
  private static final String DEFAULT_NAMESPACE = "heddle-operator";
  private static final String SNAPSHOT = "-SNAPSHOT";

  /**
   * Reads the settings from an environment.
   *
   * @throws dev.heddle.meshapi.process.InvalidSettingException if a value is not what it should be
   */
  static OperatorSettings of(Environment environment) {
    return new OperatorSettings(
        new Release(
            environment.text("HEDDLE_IMAGE_REGISTRY", ""),
            environment.optional("HEDDLE_IMAGE_TAG").orElseGet(OperatorSettings::version),
            environment.text("HEDDLE_OPERATOR_NAMESPACE", DEFAULT_NAMESPACE)),
        environment.optional("HEDDLE_POD_NAME"),
        environment.integer("HEDDLE_HEALTH_PORT", HealthServer.PORT, 0, 65535),
        LogLevel.from(environment));
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
}
