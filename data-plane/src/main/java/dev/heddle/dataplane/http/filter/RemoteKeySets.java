package dev.heddle.dataplane.http.filter;

import dev.heddle.dataplane.config.JwtAuthentication.KeySource;
import dev.heddle.dataplane.jwt.InvalidTokenException;
import dev.heddle.dataplane.jwt.JsonWebKeySet;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Key sets that are fetched when they are needed, and kept for a while. One per event loop. A fetch
 * that failed is not tried again for a second, so that an issuer in trouble is left in peace.
 */
final class RemoteKeySets {
  private static final Logger LOG = LoggerFactory.getLogger(RemoteKeySets.class);
  private static final long FAILURE_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final int MAX_SETS = 256;

  private final KeySetFetcher fetcher;
  private final LongSupplier nanoTime;
  private final Map<KeySource.Remote, Entry> entries = new HashMap<>();

  /** What there is. */
  sealed interface State {
    record Ready(JsonWebKeySet keys) implements State {}

    record Fetching(KeyFetch fetch) implements State {}

    record Failed(String reason) implements State {}
  }

  private record Entry(State state, long untilNanos) {}

  RemoteKeySets(KeySetFetcher fetcher, LongSupplier nanoTime) {
    this.fetcher = fetcher;
    this.nanoTime = nanoTime;
  }

  /** The keys, or the fetch of them that has begun. */
  State keys(KeySource.Remote where) {
    Entry entry = entries.get(where);
    if (entry != null
        && (entry.state() instanceof State.Fetching
            || nanoTime.getAsLong() - entry.untilNanos() < 0)) {
      return entry.state();
    }
    if (entry == null && entries.size() >= MAX_SETS) {
      entries.values().removeIf(old -> !(old.state() instanceof State.Fetching));
    }
    State.Fetching fetching = new State.Fetching(new KeyFetch());
    entries.put(where, new Entry(fetching, 0));
    fetcher.fetch(where, result -> fetched(where, fetching.fetch(), result));
    Entry now = entries.get(where);
    return now == null ? fetching : now.state();
  }

  private void fetched(KeySource.Remote where, KeyFetch fetch, KeySetFetcher.Result result) {
    State state =
        switch (result) {
          case KeySetFetcher.Result.Body body -> parsed(body.text());
          case KeySetFetcher.Result.Failure failure -> new State.Failed(failure.reason());
        };
    long lasts =
        switch (state) {
          case State.Failed failed -> {
            LOG.warn("No keys from {}{}: {}", where.authority(), where.path(), failed.reason());
            yield FAILURE_NANOS;
          }
          case State.Ready _, State.Fetching _ -> where.cacheDuration().toNanos();
        };
    entries.put(where, new Entry(state, nanoTime.getAsLong() + lasts));
    fetch.end();
  }

  private static State parsed(String text) {
    try {
      return new State.Ready(JsonWebKeySet.parse(text.getBytes(StandardCharsets.UTF_8)));
    } catch (InvalidTokenException e) {
      @Nullable String message = e.getMessage();
      return new State.Failed(message == null ? "no key set" : message);
    }
  }
}
