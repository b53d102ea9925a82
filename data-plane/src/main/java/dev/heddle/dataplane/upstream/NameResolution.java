package dev.heddle.dataplane.upstream;

import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.config.Endpoint;
import dev.heddle.dataplane.config.ProxyConfiguration;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Addresses behind the names of DNS clusters. Asked off the event loops when an answer is older
 * than its time; what is known goes on serving meanwhile, and after a failure too.
 */
public final class NameResolution {
  private static final Logger LOGGER = LoggerFactory.getLogger(NameResolution.class);

  /** The JDK's resolver does not tell a record's TTL. */
  private static final long REFRESH_NANOS = Duration.ofSeconds(10).toNanos();

  private static final long RETRY_NANOS = Duration.ofSeconds(2).toNanos();
  private static final int MAX_NAMES = 10_000;

  private final Resolver resolver;
  private final Executor executor;
  private final LongSupplier nanoTime;
  private final Map<String, Name> names = new ConcurrentHashMap<>();
  private final Map<List<Endpoint>, Resolved> resolved = new ConcurrentHashMap<>();

  /**
   * @param executor where lookups may block; at most one lookup per name is under way
   * @param nanoTime {@link System#nanoTime}
   */
  public NameResolution(Resolver resolver, Executor executor, LongSupplier nanoTime) {
    this.resolver = resolver;
    this.executor = executor;
    this.nanoTime = nanoTime;
  }

  /** By the JDK's resolver, on virtual threads. */
  public static NameResolution ofSystem() {
    return new NameResolution(
        InetAddress::getAllByName,
        task -> Thread.ofVirtual().name("dns").start(task),
        System::nanoTime);
  }

  /** Looks a name up, blocking. */
  @FunctionalInterface
  public interface Resolver {
    InetAddress[] resolve(String name) throws UnknownHostException;
  }

  /**
   * Looks up all names of a configuration, so that its clusters have endpoints when it begins to
   * serve.
   *
   * @return done when every lookup has an answer or has failed
   */
  public CompletableFuture<Void> prepare(ProxyConfiguration configuration) {
    List<CompletableFuture<Void>> lookups = new ArrayList<>();
    for (Cluster cluster : configuration.clusters().values()) {
      if (cluster.discovery() == Cluster.Discovery.DNS) {
        for (Endpoint endpoint : configuration.endpoints(cluster.name()).endpoints()) {
          if (endpoint.address().isUnresolved()) {
            lookups.add(name(endpoint.address().getHostString()).refreshed());
          }
        }
      }
    }
    return CompletableFuture.allOf(lookups.toArray(CompletableFuture[]::new));
  }

  /**
   * One endpoint for every known address of the given ones. Returns the same list while nothing
   * changes.
   */
  public List<Endpoint> resolved(List<Endpoint> endpoints) {
    List<List<InetAddress>> addresses = new ArrayList<>(endpoints.size());
    for (Endpoint endpoint : endpoints) {
      addresses.add(
          endpoint.address().isUnresolved()
              ? name(endpoint.address().getHostString()).addresses()
              : List.of(endpoint.address().getAddress()));
    }
    Resolved known = resolved.get(endpoints);
    if (known != null && known.addresses.equals(addresses)) {
      return known.endpoints;
    }
    List<Endpoint> flat = new ArrayList<>();
    for (int i = 0; i < endpoints.size(); i++) {
      for (InetAddress address : addresses.get(i)) {
        flat.add(at(endpoints.get(i), address));
      }
    }
    if (resolved.size() >= MAX_NAMES) {
      resolved.clear();
    }
    Resolved next = new Resolved(addresses, List.copyOf(flat));
    resolved.put(endpoints, next);
    return next.endpoints;
  }

  private Name name(String name) {
    if (names.size() >= MAX_NAMES) {
      names.clear();
    }
    return names.computeIfAbsent(name, Name::new);
  }

  private static Endpoint at(Endpoint endpoint, InetAddress address) {
    return endpoint.at(new InetSocketAddress(address, endpoint.address().getPort()));
  }

  private record Resolved(List<List<InetAddress>> addresses, List<Endpoint> endpoints) {}

  /** What is known of one name. */
  private final class Name {
    private final String name;
    private volatile List<InetAddress> addresses = List.of();
    private volatile CompletableFuture<Void> lookup;
    private volatile long due;

    Name(String name) {
      this.name = name;
      this.due = nanoTime.getAsLong();
      this.lookup = CompletableFuture.completedFuture(null);
    }

    List<InetAddress> addresses() {
      refreshed();
      return addresses;
    }

    CompletableFuture<Void> refreshed() {
      CompletableFuture<Void> current = lookup;
      return current.isDone() && due - nanoTime.getAsLong() <= 0 ? start() : current;
    }

    private synchronized CompletableFuture<Void> start() {
      if (lookup.isDone() && due - nanoTime.getAsLong() <= 0) {
        CompletableFuture<Void> started = new CompletableFuture<>();
        lookup = started;
        try {
          executor.execute(() -> lookUp(started));
        } catch (RejectedExecutionException e) {
          failed(e);
          started.complete(null);
        }
      }
      return lookup;
    }

    private void lookUp(CompletableFuture<Void> done) {
      try {
        List<InetAddress> found = new ArrayList<>(Arrays.asList(resolver.resolve(name)));
        // Resolvers shuffle; the same set must be the same value.
        found.sort(Comparator.comparing(InetAddress::getHostAddress));
        addresses = List.copyOf(found);
        due = nanoTime.getAsLong() + REFRESH_NANOS;
      } catch (UnknownHostException | RuntimeException e) {
        failed(e);
      } finally {
        done.complete(null);
      }
    }

    private void failed(Exception cause) {
      due = nanoTime.getAsLong() + RETRY_NANOS;
      LOGGER
          .atWarn()
          .addKeyValue("name", name)
          .addKeyValue("addressesKept", addresses.size())
          .addKeyValue("cause", cause.toString())
          .log("a name of a cluster could not be resolved");
    }
  }
}
