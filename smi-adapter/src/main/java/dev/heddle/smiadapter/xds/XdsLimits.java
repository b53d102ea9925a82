package dev.heddle.smiadapter.xds;

import java.time.Duration;

/**
 * What one client, and all of them together, may take.
 *
 * @param streams open streams
 * @param subscriptions names that one stream may ask for, over all types
 * @param nameLength characters of a resource's name
 * @param unacknowledged responses that one stream may leave unanswered before it gets more
 * @param responseResources resources in one response
 * @param responseBytes size from which a response gets no further resource
 * @param requestBytes size of a request; one that states the versions of many resources is large
 * @param connectionAge after how long a client is told to connect anew, give or take a tenth, so
 *     that load spreads over replicas
 */
public record XdsLimits(
    int streams,
    int subscriptions,
    int nameLength,
    int unacknowledged,
    int responseResources,
    int responseBytes,
    int requestBytes,
    Duration connectionAge) {

  /** For a cluster of some thousand pods. */
  public static final XdsLimits DEFAULT =
      new XdsLimits(10_000, 50_000, 512, 32, 500, 1 << 20, 8 << 20, Duration.ofMinutes(30));
}
