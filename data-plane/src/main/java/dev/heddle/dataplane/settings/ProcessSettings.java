package dev.heddle.dataplane.settings;

import dev.heddle.meshapi.process.Environment;
import dev.heddle.meshapi.process.InvalidSettingException;
import dev.heddle.meshapi.process.LogLevel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What any proxy is told, sidecar or not.
 *
 * @param concurrency number of event loops, at least 1
 * @param drainTimeout bound on finishing what is in flight when the proxy ends
 * @param healthPort of {@code /livez}, {@code /readyz}, {@code /metrics} on all addresses; 0 for
 *     any
 * @param admin where the admin pages listen; null for none
 */
public record ProcessSettings(
    int concurrency,
    boolean accessLog,
    LogLevel logLevel,
    Duration drainTimeout,
    int healthPort,
    @Nullable InetSocketAddress admin) {

  private static final int ADMIN_PORT = 15000;
  private static final int HEALTH_PORT = 15020;
  private static final int MAX_CONCURRENCY = 64;
  private static final int MAX_DRAIN_SECONDS = 3600;

  /**
   * Reads the environment.
   *
   * @param concurrencyOption what the command line says; null when it says nothing
   */
  public static ProcessSettings from(Environment environment, @Nullable Integer concurrencyOption) {
    int concurrency =
        concurrencyOption != null
            ? concurrencyOption
            : environment.integer("HEDDLE_CONCURRENCY", 1, 1, MAX_CONCURRENCY);
    return new ProcessSettings(
        concurrency,
        environment.oneOf("HEDDLE_ACCESS_LOG", "off", List.of("off", "json")).equals("json"),
        LogLevel.from(environment),
        Duration.ofSeconds(
            environment.integer("HEDDLE_DRAIN_TIMEOUT_SECONDS", 30, 0, MAX_DRAIN_SECONDS)),
        environment.integer("HEDDLE_HEALTH_PORT", HEALTH_PORT, 0, 65535),
        new InetSocketAddress(InetAddress.getLoopbackAddress(), ADMIN_PORT));
  }

  public ProcessSettings withAdmin(@Nullable InetSocketAddress address) {
    return new ProcessSettings(concurrency, accessLog, logLevel, drainTimeout, healthPort, address);
  }

  public ProcessSettings {
    if (concurrency < 1 || concurrency > MAX_CONCURRENCY) {
      throw new InvalidSettingException(
          "concurrency", Integer.toString(concurrency), "1 to " + MAX_CONCURRENCY);
    }
  }
}
