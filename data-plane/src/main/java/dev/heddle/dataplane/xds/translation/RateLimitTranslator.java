package dev.heddle.dataplane.xds.translation;

import dev.heddle.dataplane.config.HeaderTemplate;
import dev.heddle.dataplane.config.HttpFilter;
import dev.heddle.dataplane.config.HttpFilter.LocalRateLimit.Description;
import dev.heddle.dataplane.config.HttpFilter.LocalRateLimit.Descriptor;
import dev.heddle.dataplane.config.HttpFilter.LocalRateLimit.Entry;
import dev.heddle.dataplane.config.HttpFilter.LocalRateLimit.Source;
import dev.heddle.dataplane.config.HttpFilter.LocalRateLimit.TokenBucket;
import dev.heddle.dataplane.config.Share;
import io.envoyproxy.envoy.config.route.v3.RateLimit;
import io.envoyproxy.envoy.extensions.common.ratelimit.v3.LocalRateLimitDescriptor;
import io.envoyproxy.envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** envoy.extensions.filters.http.local_ratelimit.v3. */
final class RateLimitTranslator {

  private static final int TOO_MANY_REQUESTS = 429;

  /** Envoy's. */
  private static final int DEFAULT_DYNAMIC_BUCKETS = 20;

  private static final int MOST_DYNAMIC_BUCKETS = 10_000;

  /** Envoy's: a filter that does not say so is neither enabled nor enforced. */
  private static final Share DEFAULT_SHARE = new Share(0, 100);

  private RateLimitTranslator() {}

  static HttpFilter.LocalRateLimit limit(LocalRateLimit limit, FieldPath path) {
    path.allowOnly(
        limit,
        Set.of(
            "status",
            "token_bucket",
            "filter_enabled",
            "filter_enforced",
            "response_headers_to_add",
            "descriptors",
            "always_consume_default_token_bucket",
            "rate_limited_as_resource_exhausted",
            "rate_limits",
            "max_dynamic_descriptors"),
        Set.of("stat_prefix"));
    List<Descriptor> descriptors = new ArrayList<>(limit.getDescriptorsCount());
    for (int i = 0; i < limit.getDescriptorsCount(); i++) {
      descriptors.add(descriptor(limit.getDescriptors(i), path.element("descriptors", i)));
    }
    List<Description> descriptions = new ArrayList<>(limit.getRateLimitsCount());
    for (int i = 0; i < limit.getRateLimitsCount(); i++) {
      descriptions.add(description(limit.getRateLimits(i), path.element("rate_limits", i)));
    }
    return new HttpFilter.LocalRateLimit(
        path.unique(),
        status(limit),
        limit.getRateLimitedAsResourceExhausted(),
        limit.hasTokenBucket() ? bucket(limit.getTokenBucket(), path.field("token_bucket")) : null,
        descriptors,
        descriptions,
        !limit.hasAlwaysConsumeDefaultTokenBucket()
            || limit.getAlwaysConsumeDefaultTokenBucket().getValue(),
        dynamicBuckets(limit, path.field("max_dynamic_descriptors")),
        HeaderMutationTranslator.mutations(
                List.of(), List.of(), limit.getResponseHeadersToAddList(), List.of(), path)
            .response(),
        limit.hasFilterEnabled()
            ? Values.share(limit.getFilterEnabled(), path.field("filter_enabled"))
            : DEFAULT_SHARE,
        limit.hasFilterEnforced()
            ? Values.share(limit.getFilterEnforced(), path.field("filter_enforced"))
            : DEFAULT_SHARE);
  }

  /** As in Envoy, what is no error is taken for the default. */
  private static int status(LocalRateLimit limit) {
    int status = limit.getStatus().getCodeValue();
    return status < 400 ? TOO_MANY_REQUESTS : status;
  }

  private static int dynamicBuckets(LocalRateLimit limit, FieldPath path) {
    if (!limit.hasMaxDynamicDescriptors()) {
      return DEFAULT_DYNAMIC_BUCKETS;
    }
    int most = limit.getMaxDynamicDescriptors().getValue();
    if (most < 1 || most > MOST_DYNAMIC_BUCKETS) {
      throw path.invalid(Integer.toUnsignedString(most), "1 to " + MOST_DYNAMIC_BUCKETS);
    }
    return most;
  }

  private static TokenBucket bucket(
      io.envoyproxy.envoy.type.v3.TokenBucket bucket, FieldPath path) {
    path.allowOnly(bucket, Set.of("max_tokens", "tokens_per_fill", "fill_interval"));
    int capacity = bucket.getMaxTokens();
    if (capacity < 1) {
      throw path.field("max_tokens").invalid(Integer.toUnsignedString(capacity), "1 to 2147483647");
    }
    int fill = bucket.hasTokensPerFill() ? bucket.getTokensPerFill().getValue() : 1;
    if (fill < 1) {
      throw path.field("tokens_per_fill")
          .invalid(Integer.toUnsignedString(fill), "1 to 2147483647");
    }
    FieldPath at = path.field("fill_interval");
    Duration interval = Values.duration(bucket.getFillInterval(), at);
    if (!interval.isPositive() || interval.compareTo(Duration.ofDays(1)) > 0) {
      throw at.invalid(interval, "above 0 and at most a day");
    }
    return new TokenBucket(capacity, fill, interval);
  }

  private static Descriptor descriptor(LocalRateLimitDescriptor descriptor, FieldPath path) {
    path.allowOnly(descriptor, Set.of("entries", "token_bucket"));
    List<Entry> entries = new ArrayList<>(descriptor.getEntriesCount());
    for (int i = 0; i < descriptor.getEntriesCount(); i++) {
      var entry = descriptor.getEntries(i);
      if (entry.getKey().isEmpty()) {
        throw path.element("entries", i).field("key").invalid("\"\"", "a key");
      }
      entries.add(new Entry(entry.getKey(), entry.getValue()));
    }
    if (entries.isEmpty()) {
      throw path.field("entries").invalid("[]", "at least one entry");
    }
    return new Descriptor(entries, bucket(descriptor.getTokenBucket(), path.field("token_bucket")));
  }

  private static Description description(RateLimit limit, FieldPath path) {
    path.allowOnly(limit, Set.of("actions"));
    List<Source> sources = new ArrayList<>(limit.getActionsCount());
    for (int i = 0; i < limit.getActionsCount(); i++) {
      sources.add(source(limit.getActions(i), path.element("actions", i)));
    }
    return new Description(sources);
  }

  private static Source source(RateLimit.Action action, FieldPath path) {
    return switch (action.getActionSpecifierCase()) {
      case GENERIC_KEY -> {
        FieldPath at = path.field("generic_key");
        var key = action.getGenericKey();
        at.allowOnly(key, Set.of("descriptor_key", "descriptor_value"));
        HeaderTemplate value =
            HeaderTemplateParser.parse(key.getDescriptorValue(), at.field("descriptor_value"));
        yield new Source.Text(
            key.getDescriptorKey().isEmpty() ? "generic_key" : key.getDescriptorKey(), value);
      }
      case REQUEST_HEADERS -> {
        FieldPath at = path.field("request_headers");
        var headers = action.getRequestHeaders();
        at.allowOnly(headers, Set.of("header_name", "descriptor_key", "skip_if_absent"));
        yield new Source.Header(
            headers.getDescriptorKey(),
            headers.getHeaderName().toLowerCase(Locale.ROOT),
            headers.getSkipIfAbsent());
      }
      case REMOTE_ADDRESS -> new Source.RemoteAddress();
      case HEADER_VALUE_MATCH -> {
        FieldPath at = path.field("header_value_match");
        var match = action.getHeaderValueMatch();
        at.allowOnly(
            match, Set.of("descriptor_key", "descriptor_value", "expect_match", "headers"));
        yield new Source.HeaderMatches(
            match.getDescriptorKey().isEmpty() ? "header_match" : match.getDescriptorKey(),
            match.getDescriptorValue(),
            !match.hasExpectMatch() || match.getExpectMatch().getValue(),
            RequestMatchTranslator.headers(match.getHeadersList(), at));
      }
      case SOURCE_CLUSTER,
          DESTINATION_CLUSTER,
          QUERY_PARAMETERS,
          DYNAMIC_METADATA,
          METADATA,
          EXTENSION,
          MASKED_REMOTE_ADDRESS,
          QUERY_PARAMETER_VALUE_MATCH,
          ACTIONSPECIFIER_NOT_SET ->
          throw path.invalid(
              action.getActionSpecifierCase(),
              "generic_key, request_headers, remote_address or header_value_match");
    };
  }
}
