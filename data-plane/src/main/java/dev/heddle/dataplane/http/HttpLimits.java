package dev.heddle.dataplane.http;

import java.time.Duration;

/**
 * Bounds of the HTTP data path.
 *
 * @param maxRequestLineBytes of HTTP/1
 * @param maxHeaderBytes of one message, HTTP/2's after decompression
 * @param maxHeaders lines of one message
 * @param maxInterimAnswers answers of status 1xx to one request
 * @param maxPipelinedRequests that wait on one HTTP/1 connection
 * @param maxConcurrentStreams of one downstream HTTP/2 connection
 * @param maxReplayBytes of a request's body kept so that it can be sent again
 * @param streamWindowBytes flow-control window of one HTTP/2 stream: what is buffered at most when
 *     the other side does not read
 * @param connectionWindowBytes flow-control window of one HTTP/2 connection
 * @param maxIdleConnections kept per endpoint
 * @param upstreamIdleTimeout of a pooled connection without requests
 * @param upstreamMaxLifetime after which a pooled connection gets no new requests
 * @param tunnelIdleTimeout of an upgraded connection without bytes either way
 * @param minBodyBytesPerSecond of a request's body whose length is stated, on average over the
 *     window; of any body when the proxy is short of connections or memory
 * @param bodyRateWindow over which a body's rate is measured
 * @param controlFramesPerTenSeconds HTTP/2 PING, SETTINGS and PRIORITY frames taken from one peer
 * @param freeResetsPerTenSeconds streams that one HTTP/2 peer may reset, or make the proxy reset;
 *     beyond that it may as long as they are at most half of the streams it opens
 */
public record HttpLimits(
    int maxRequestLineBytes,
    int maxHeaderBytes,
    int maxHeaders,
    int maxInterimAnswers,
    int maxPipelinedRequests,
    int maxConcurrentStreams,
    int maxReplayBytes,
    int streamWindowBytes,
    int connectionWindowBytes,
    int maxIdleConnections,
    Duration upstreamIdleTimeout,
    Duration upstreamMaxLifetime,
    Duration tunnelIdleTimeout,
    int minBodyBytesPerSecond,
    Duration bodyRateWindow,
    int controlFramesPerTenSeconds,
    int freeResetsPerTenSeconds) {

  public static final HttpLimits DEFAULT =
      new HttpLimits(
          16 * 1024,
          60 * 1024,
          100,
          16,
          32,
          100,
          64 * 1024,
          256 * 1024,
          1024 * 1024,
          64,
          Duration.ofSeconds(60),
          Duration.ofHours(1),
          Duration.ofHours(1),
          240,
          Duration.ofSeconds(10),
          1000,
          200);
}
