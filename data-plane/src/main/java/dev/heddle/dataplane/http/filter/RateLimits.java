package dev.heddle.dataplane.http.filter;

import dev.heddle.dataplane.bounded.RecentlyUsed;
import dev.heddle.dataplane.config.HttpFilter.LocalRateLimit;
import dev.heddle.dataplane.config.HttpFilter.LocalRateLimit.Description;
import dev.heddle.dataplane.config.HttpFilter.LocalRateLimit.Descriptor;
import dev.heddle.dataplane.config.HttpFilter.LocalRateLimit.Entry;
import dev.heddle.dataplane.connection.ConnectionContext;
import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.http.message.RequestHead;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The buckets of all rate limits of the process. A limit that is configured again as it was keeps
 * its buckets; those that are full, as after any pause, hold nothing worth keeping and go first.
 */
public final class RateLimits {
  private static final int SWEEP_ABOVE = 256;

  /** By scope. */
  private final Map<String, Buckets> limits = new ConcurrentHashMap<>();

  private final LongSupplier nanoTime;

  public RateLimits(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** Takes a token from every bucket that the request belongs to; false if one of them is empty. */
  boolean take(
      LocalRateLimit limit,
      RequestHead request,
      ConnectionContext connection,
      HttpProtocol protocol) {
    long now = nanoTime.getAsLong();
    Buckets buckets = limits.get(limit.scope());
    if (buckets == null || !buckets.serves(limit)) {
      if (limits.size() > SWEEP_ABOVE) {
        limits.values().removeIf(unused -> unused.full(now));
      }
      buckets =
          limits.compute(
              limit.scope(),
              (scope, old) -> old != null && old.serves(limit) ? old : new Buckets(limit, now));
    }
    return buckets.take(request, connection, protocol, now);
  }

  /** The buckets of one limit. */
  private static final class Buckets {
    private final LocalRateLimit limit;
    private final @Nullable TokenBucket all;
    private final List<DescriptorBuckets> described;

    Buckets(LocalRateLimit limit, long now) {
      this.limit = limit;
      this.all = limit.bucket() == null ? null : new TokenBucket(limit.bucket(), now);
      this.described =
          limit.descriptors().stream()
              .map(descriptor -> new DescriptorBuckets(descriptor, limit.maxDynamicBuckets(), now))
              .toList();
    }

    boolean serves(LocalRateLimit wanted) {
      return wanted.equals(limit);
    }

    boolean take(
        RequestHead request, ConnectionContext connection, HttpProtocol protocol, long now) {
      boolean matched = false;
      for (int i = 0; i < limit.descriptions().size() && !described.isEmpty(); i++) {
        Description description = limit.descriptions().get(i);
        @Nullable List<Entry> entries =
            RequestDescription.of(description, request, connection, protocol);
        for (int j = 0; entries != null && j < described.size(); j++) {
          TokenBucket bucket = described.get(j).bucket(entries, now);
          if (bucket != null) {
            matched = true;
            if (!bucket.take(now)) {
              return false;
            }
          }
        }
      }
      return all == null || (matched && !limit.alwaysTakeFromBucket()) || all.take(now);
    }

    boolean full(long now) {
      return (all == null || all.full(now))
          && described.stream().allMatch(buckets -> buckets.full(now));
    }
  }

  /** The bucket of one descriptor, or one for each value that it leaves open. */
  private static final class DescriptorBuckets {
    private final Descriptor descriptor;
    private final @Nullable TokenBucket only;
    private final Map<List<Entry>, TokenBucket> byValue;

    DescriptorBuckets(Descriptor descriptor, int maxDynamic, long now) {
      this.descriptor = descriptor;
      this.only = descriptor.dynamic() ? null : new TokenBucket(descriptor.bucket(), now);
      this.byValue = new RecentlyUsed<>(maxDynamic);
    }

    @Nullable TokenBucket bucket(List<Entry> entries, long now) {
      if (!matches(entries)) {
        return null;
      }
      if (only != null) {
        return only;
      }
      synchronized (byValue) {
        return byValue.computeIfAbsent(entries, added -> new TokenBucket(descriptor.bucket(), now));
      }
    }

    private boolean matches(List<Entry> entries) {
      List<Entry> wanted = descriptor.entries();
      if (wanted.size() != entries.size()) {
        return false;
      }
      for (int i = 0; i < entries.size(); i++) {
        Entry entry = wanted.get(i);
        if (!entry.key().equals(entries.get(i).key())
            || (!entry.value().isEmpty() && !entry.value().equals(entries.get(i).value()))) {
          return false;
        }
      }
      return true;
    }

    boolean full(long now) {
      if (only != null) {
        return only.full(now);
      }
      synchronized (byValue) {
        return new ArrayList<>(byValue.values()).stream().allMatch(bucket -> bucket.full(now));
      }
    }
  }
}
