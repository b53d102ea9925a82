package dev.heddle.dataplane.discovery;

import dev.heddle.dataplane.config.Listener;
import dev.heddle.dataplane.config.LiveConfiguration;
import dev.heddle.dataplane.xds.ControlPlaneClient;
import dev.heddle.dataplane.xds.ListenerWatcher;
import io.netty.util.NetUtil;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks the control plane for the listener {@code outbound/<address>:<port>} at the first connection
 * to a destination, and forgets it when it has been idle. The number of destinations is bounded:
 * beyond it the ones used longest ago are forgotten.
 */
public final class OnDemandDiscovery implements DestinationDiscovery {

  private static final String PREFIX = "outbound/";

  /**
   * Bounds of what is remembered and waited for.
   *
   * @param destinations most destinations known at a time, at least 1
   * @param idle how long a destination without connections is remembered
   * @param timeout how long a connection waits for an answer
   */
  public record Limits(int destinations, Duration idle, Duration timeout) {
    public static final Limits DEFAULT =
        new Limits(4096, Duration.ofMinutes(10), Duration.ofSeconds(3));

    public Limits {
      if (destinations < 1) {
        throw new IllegalArgumentException("destinations: " + destinations + " (expected: >= 1)");
      }
    }
  }

  private final ControlPlaneClient client;
  private final LiveConfiguration configuration;
  private final ScheduledExecutorService timer;
  private final Limits limits;
  private final LongSupplier nanoTime;
  private final LongAdder undiscovered = new LongAdder();
  private final Map<InetSocketAddress, Destination> byAddress = new ConcurrentHashMap<>();
  private final Map<String, Destination> byListener = new ConcurrentHashMap<>();

  /**
   * Begins to watch the client and, once a minute at most, to forget.
   *
   * @param timer runs timeouts and the forgetting
   */
  public OnDemandDiscovery(
      ControlPlaneClient client,
      LiveConfiguration configuration,
      ScheduledExecutorService timer,
      Limits limits,
      LongSupplier nanoTime) {
    this.client = client;
    this.configuration = configuration;
    this.timer = timer;
    this.limits = limits;
    this.nanoTime = nanoTime;
    client.watch(new Answers());
    long interval = Math.max(1, Math.min(60_000, limits.idle().toMillis() / 4));
    var forgetting =
        timer.scheduleWithFixedDelay(this::forget, interval, interval, TimeUnit.MILLISECONDS);
    assert !forgetting.isCancelled();
  }

  /** Connections that passed without the mesh because nobody could be asked. */
  public long undiscovered() {
    return undiscovered.sum();
  }

  /** Destinations remembered. */
  public int size() {
    return byAddress.size();
  }

  /** Takes up listeners that are already in the configuration, kept from an earlier run. */
  public void restored(Iterable<String> listeners) {
    for (String name : listeners) {
      InetSocketAddress address = address(name);
      if (address != null) {
        Destination destination = remember(address);
        destination.answered(Answer.FOUND);
      }
    }
  }

  @Override
  public void discover(InetSocketAddress address, Consumer<Discovered> done) {
    while (true) {
      Destination destination = byAddress.get(address);
      if (destination == null) {
        destination = remember(address);
        client.addListener(destination.name);
      }
      if (destination.discover(done)) {
        return;
      }
      // Forgotten in this very moment: once more, from the start.
      Thread.onSpinWait();
    }
  }

  private Destination remember(InetSocketAddress address) {
    Destination destination =
        byAddress.computeIfAbsent(
            address,
            key -> {
              Destination created = new Destination(key, name(key));
              byListener.put(created.name, created);
              return created;
            });
    if (byAddress.size() > limits.destinations()) {
      timer.execute(this::forget);
    }
    return destination;
  }

  static String name(InetSocketAddress address) {
    String host = NetUtil.toAddressString(address.getAddress());
    return address.getAddress() instanceof Inet6Address
        ? PREFIX + '[' + host + "]:" + address.getPort()
        : PREFIX + host + ':' + address.getPort();
  }

  private static @Nullable InetSocketAddress address(String listener) {
    int colon = listener.lastIndexOf(':');
    if (!listener.startsWith(PREFIX) || colon < 0) {
      return null;
    }
    var ip =
        NetUtil.createInetAddressFromIpAddressString(
            listener.substring(PREFIX.length(), colon).replace("[", "").replace("]", ""));
    return ip == null
        ? null
        : new InetSocketAddress(ip, Integer.parseInt(listener.substring(colon + 1)));
  }

  /** Forgets what has been idle too long, and beyond the bound what was used longest ago. */
  private void forget() {
    long now = nanoTime.getAsLong();
    long idle = limits.idle().toNanos();
    for (Destination destination : byAddress.values()) {
      if (now - destination.lastUsed > idle) {
        forget(destination);
      }
    }
    int excess = byAddress.size() - limits.destinations();
    if (excess > 0) {
      List<Destination> oldest =
          byAddress.values().stream()
              .sorted(Comparator.comparingLong(destination -> destination.lastUsed - now))
              .limit(excess)
              .toList();
      oldest.forEach(this::forget);
    }
  }

  private void forget(Destination destination) {
    if (destination.retire()) {
      // The address last: whoever finds the destination there waits, and so asks anew only after
      // this.
      client.removeListener(destination.name);
      byListener.remove(destination.name, destination);
      byAddress.remove(destination.address, destination);
    }
  }

  private enum Answer {
    NONE,
    /** None came in time; nobody waits again until one comes. */
    LATE,
    FOUND,
    NOT_IN_MESH
  }

  /** What the client says of listeners. */
  private final class Answers implements ListenerWatcher {
    @Override
    public void published(String listener) {
      answered(listener, Answer.FOUND);
    }

    @Override
    public void absent(String listener) {
      answered(listener, Answer.NOT_IN_MESH);
    }

    @Override
    public void unreachable(String reason) {
      for (Destination destination : byAddress.values()) {
        destination.unavailable("the control plane cannot be reached");
      }
    }

    private void answered(String listener, Answer answer) {
      Destination destination = byListener.get(listener);
      if (destination != null) {
        destination.answered(answer);
      }
    }
  }

  /** One destination: what is known of it, who waits for it, who uses it. */
  private final class Destination {
    private final InetSocketAddress address;
    private final String name;
    private final List<Waiting> waiting = new ArrayList<>(1);
    private volatile Answer answer = Answer.NONE;
    private volatile long lastUsed = nanoTime.getAsLong();
    private int leases;
    private boolean retired;

    Destination(InetSocketAddress address, String name) {
      this.address = address;
      this.name = name;
    }

    /** False when it has been forgotten. */
    boolean discover(Consumer<Discovered> done) {
      Discovered known;
      synchronized (this) {
        if (retired) {
          return false;
        }
        lastUsed = nanoTime.getAsLong();
        if (answer == Answer.NONE && client.reachable()) {
          Waiting wait = new Waiting(done);
          waiting.add(wait);
          wait.begin(this);
          return true;
        }
        known = known();
      }
      count(known);
      done.accept(known);
      return true;
    }

    /** Must be called while holding the lock. */
    private Discovered known() {
      return switch (answer) {
        case FOUND -> {
          Listener listener = configuration.current().listeners().get(name);
          if (listener == null) {
            yield new Discovered.NotInMesh();
          }
          leases++;
          yield new Discovered.Found(listener, new DestinationLease(this));
        }
        case NOT_IN_MESH -> new Discovered.NotInMesh();
        case LATE -> new Discovered.Unavailable("the control plane has not answered for " + name);
        case NONE -> new Discovered.Unavailable("the control plane cannot be reached");
      };
    }

    void answered(Answer given) {
      synchronized (this) {
        answer = given;
      }
      answerWaiting();
    }

    private void answerWaiting() {
      while (true) {
        Waiting next;
        Discovered known;
        synchronized (this) {
          if (waiting.isEmpty()) {
            return;
          }
          next = waiting.removeLast();
          known = known();
        }
        next.finish(known);
      }
    }

    void unavailable(String reason) {
      List<Waiting> all;
      synchronized (this) {
        all = List.copyOf(waiting);
        waiting.clear();
      }
      for (Waiting each : all) {
        each.finish(new Discovered.Unavailable(reason));
      }
    }

    void late(Waiting late) {
      synchronized (this) {
        if (!waiting.remove(late)) {
          return;
        }
        if (answer == Answer.NONE) {
          answer = Answer.LATE;
        }
      }
      late.finish(new Discovered.Unavailable("the control plane has not answered for " + name));
    }

    synchronized void released() {
      leases--;
      lastUsed = nanoTime.getAsLong();
    }

    /** True when nobody uses it or waits for it, and from now on nobody will. */
    synchronized boolean retire() {
      if (retired || leases > 0 || !waiting.isEmpty()) {
        return false;
      }
      retired = true;
      return true;
    }
  }

  private void count(Discovered discovered) {
    if (discovered instanceof Discovered.Unavailable) {
      undiscovered.increment();
    }
  }

  /** A connection that waits. */
  private final class Waiting {
    private final Consumer<Discovered> done;
    private volatile @Nullable Future<?> timeout;

    Waiting(Consumer<Discovered> done) {
      this.done = done;
    }

    void begin(Destination destination) {
      timeout =
          timer.schedule(
              () -> destination.late(this), limits.timeout().toMillis(), TimeUnit.MILLISECONDS);
    }

    void finish(Discovered discovered) {
      var pending = timeout;
      if (pending != null) {
        pending.cancel(false);
      }
      count(discovered);
      done.accept(discovered);
    }
  }

  /** Closed once. */
  private static final class DestinationLease implements Discovered.Lease {
    private final Destination destination;
    private boolean closed;

    DestinationLease(Destination destination) {
      this.destination = destination;
    }

    @Override
    public void close() {
      synchronized (this) {
        if (closed) {
          return;
        }
        closed = true;
      }
      destination.released();
    }
  }
}
