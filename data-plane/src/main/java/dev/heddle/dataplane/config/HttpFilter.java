package dev.heddle.dataplane.config;

import dev.heddle.dataplane.config.RouteConfiguration.HeaderMatch;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What decides on a request after its route is known and before it is sent on. */
public sealed interface HttpFilter
    permits HttpFilter.Disabled,
        HttpFilter.Access,
        AccessRules,
        HttpFilter.Fault,
        HttpFilter.LocalRateLimit,
        JwtAuthentication {

  /** A filter that a route may override by its name. */
  record Named(String name, HttpFilter filter) {

    /** This filter, or what the route has in its place. */
    public HttpFilter at(Map<String, HttpFilter> overrides) {
      return overrides.isEmpty() ? filter : overrides.getOrDefault(name, filter);
    }
  }

  /** Lets every request pass. */
  record Disabled() implements HttpFilter {}

  /** Access policy (envoy.extensions.filters.http.rbac.v3). */
  record Access(AccessPolicy policy) implements HttpFilter {}

  /**
   * Failures made on purpose (envoy.extensions.filters.http.fault.v3).
   *
   * @param headers requests to which all of this applies; empty for all
   */
  record Fault(@Nullable Delay delay, @Nullable Abort abort, List<HeaderMatch> headers)
      implements HttpFilter {
    public Fault {
      headers = List.copyOf(headers);
    }

    /** A wait before the request is sent on. */
    public record Delay(Duration length, Share share) {}

    /**
     * An answer instead of sending the request on.
     *
     * @param status of HTTP
     * @param grpcStatus what a gRPC client gets; -1 for what follows from the HTTP status
     */
    public record Abort(int status, int grpcStatus, Share share) {}
  }

  /**
   * A limit on the rate of requests that this process keeps by itself
   * (envoy.extensions.filters.http.local_ratelimit.v3).
   *
   * @param scope where the configuration stands: two limits that read the same are still two
   * @param status of the answer beyond the limit
   * @param resourceExhausted whether a gRPC client is told so, instead of unavailable
   * @param bucket for every request; null for none
   * @param descriptors for requests that are described by them
   * @param descriptions what describes a request
   * @param alwaysTakeFromBucket whether {@code bucket} is for requests too that have a descriptor
   * @param maxDynamicBuckets of each descriptor without a value, the one used longest ago goes
   *     first
   * @param responseHeaders put onto the answer beyond the limit
   * @param enabled of which requests it is asked
   * @param enforced of which requests beyond the limit are answered with the status
   */
  record LocalRateLimit(
      String scope,
      int status,
      boolean resourceExhausted,
      @Nullable TokenBucket bucket,
      List<Descriptor> descriptors,
      List<Description> descriptions,
      boolean alwaysTakeFromBucket,
      int maxDynamicBuckets,
      List<HeaderMutation> responseHeaders,
      Share enabled,
      Share enforced)
      implements HttpFilter {
    public LocalRateLimit {
      descriptors = List.copyOf(descriptors);
      descriptions = List.copyOf(descriptions);
      responseHeaders = List.copyOf(responseHeaders);
    }

    /**
     * How many requests may pass (envoy.type.v3.TokenBucket).
     *
     * @param capacity at most so many at once, at least 1
     * @param fill so many more in every interval, at least 1
     */
    public record TokenBucket(int capacity, int fill, Duration interval) {}

    /**
     * A limit for what is described so.
     *
     * @param entries all of them, in this order
     */
    public record Descriptor(List<Entry> entries, TokenBucket bucket) {
      public Descriptor {
        entries = List.copyOf(entries);
      }

      /** Whether each of the values that its entries leave open has a bucket of its own. */
      public boolean dynamic() {
        return entries.stream().anyMatch(entry -> entry.value().isEmpty());
      }
    }

    /**
     * A part of a descriptor.
     *
     * @param value empty for any, each on its own
     */
    public record Entry(String key, String value) {}

    /** What describes a request; a request that lacks one of the parts is not described. */
    public record Description(List<Source> sources) {
      public Description {
        sources = List.copyOf(sources);
      }
    }

    /** Where a part of a description comes from. */
    public sealed interface Source {
      /** Always the same, or made of what is known of the connection. */
      record Text(String key, HeaderTemplate value) implements Source {}

      /**
       * What a header says.
       *
       * @param skipIfAbsent whether the part may be missing
       */
      record Header(String key, String name, boolean skipIfAbsent) implements Source {}

      /** The client's address. */
      record RemoteAddress() implements Source {}

      /**
       * The value, if headers match.
       *
       * @param expected whether they must match, or must not
       */
      record HeaderMatches(String key, String value, boolean expected, List<HeaderMatch> headers)
          implements Source {
        public HeaderMatches {
          headers = List.copyOf(headers);
        }
      }
    }
  }
}
