package dev.heddle.dataplane.config;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What an endpoint is asked regularly (envoy.config.core.v3.HealthCheck).
 *
 * @param timeout bound on one check
 * @param interval between two checks of an endpoint that is healthy
 * @param unhealthyInterval between two checks of one that is not
 * @param unhealthyThreshold failures in a row until it is held for unhealthy, at least 1
 * @param healthyThreshold successes in a row until it is held for healthy again, at least 1; the
 *     very first check decides alone
 * @param jitter the longest random time added to an interval
 */
public record HealthCheck(
    Duration timeout,
    Duration interval,
    Duration unhealthyInterval,
    int unhealthyThreshold,
    int healthyThreshold,
    Duration jitter,
    Probe probe) {

  /** The question. */
  public sealed interface Probe {
    /**
     * A request whose answer has an expected status.
     *
     * @param host empty for the cluster's name
     * @param expected any of these; failing for any other
     */
    record Http(
        String method,
        String host,
        String path,
        Map<String, String> headers,
        List<StatusRange> expected,
        boolean http2)
        implements Probe {
      public Http {
        headers = Map.copyOf(headers);
        expected = List.copyOf(expected);
      }
    }

    /**
     * The standard health service of gRPC, which must answer SERVING.
     *
     * @param service empty for the server as a whole
     * @param authority empty for the cluster's name
     */
    record Grpc(String service, String authority) implements Probe {}

    /**
     * A connection.
     *
     * @param send bytes in hexadecimal; empty for none: being connected is enough
     * @param receive each of these, in this order, somewhere in what is received
     */
    record Tcp(String send, List<String> receive) implements Probe {
      public Tcp {
        receive = List.copyOf(receive);
      }
    }
  }

  /** Statuses from {@code start} to before {@code end}. */
  public record StatusRange(int start, int end) {
    public boolean contains(int status) {
      return status >= start && status < end;
    }
  }
}
