package dev.heddle.dataplane.xds;

import dev.heddle.dataplane.config.ProxyConfiguration;
import dev.heddle.dataplane.xds.ControlPlaneStatus.Connection;
import dev.heddle.dataplane.xds.ControlPlaneStatus.TypeStatus;
import dev.heddle.dataplane.xds.translation.ResourceTranslator;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The client of the control plane (delta ADS). Without a connection everything stays as it is, and
 * the next stream begins where the last one ended. All state is touched on one thread; public
 * methods can be called on any.
 */
public final class ControlPlaneClient implements AutoCloseable {

  private static final Logger LOGGER = LoggerFactory.getLogger(ControlPlaneClient.class);
  private static final Duration LOG_INTERVAL = Duration.ofMinutes(1);
  private static final Duration KEEP_DELAY = Duration.ofSeconds(1);

  /** A stream that has lived so long is followed by the next at once. */
  private static final Duration STEADY = Duration.ofSeconds(5);

  /** A resource that another refers to comes with it or in the next answer. */
  private static final Duration WARMING_PATIENCE = Duration.ofSeconds(5);

  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);

  private final Node node;
  private final ControlPlaneChannel channels;
  private final ResourceGraph graph;
  private final @Nullable LastGoodResources kept;
  private final Consumer<ProxyConfiguration> publisher;
  private final XdsObserver observer;
  private final ScheduledThreadPoolExecutor executor;
  private final List<ListenerWatcher> watchers = new CopyOnWriteArrayList<>();
  private final BackOff backOff = new BackOff(RandomGenerator.getDefault());
  private final StreamEvents events = new StreamEvents();
  private final OverdueListeners overdue = new OverdueListeners(WARMING_PATIENCE);

  /** Listeners that stay when the control plane removes them. */
  private final Set<String> permanent = new HashSet<>();

  private final Map<String, ResourceGraph.ListenerState> announced = new HashMap<>();
  private ProxyConfiguration published = ProxyConfiguration.EMPTY;
  private @Nullable ManagedChannel channel;
  private @Nullable DeltaStream stream;
  private @Nullable Future<?> nextAttempt;
  private @Nullable Future<?> nextKeeping;
  private @Nullable Future<?> nextWarmingCheck;
  private Connection connection = Connection.CONNECTING;
  private Instant since = Instant.now();
  private @Nullable Instant lastResponse;
  private @Nullable String lastFailure;
  private @Nullable Instant lastFailureLogged;
  private boolean tellScheduled;

  private volatile boolean reachable = true;
  private volatile boolean closed;
  private volatile ControlPlaneStatus status =
      new ControlPlaneStatus(connection, since, null, null, Map.of(), Map.of());

  /**
   * A client that does nothing until it is told to.
   *
   * @param foreignClusters clusters that are defined elsewhere and so not asked for
   * @param kept null where nothing outlives the process
   * @param publisher gets every new configuration, on the client's thread; must not block
   */
  public ControlPlaneClient(
      Node node,
      ControlPlaneChannel channels,
      ResourceTranslator translator,
      Set<String> foreignClusters,
      @Nullable LastGoodResources kept,
      Consumer<ProxyConfiguration> publisher,
      XdsObserver observer) {
    this.node = node;
    this.channels = channels;
    this.graph = new ResourceGraph(translator, foreignClusters);
    this.kept = kept;
    this.publisher = publisher;
    this.observer = observer;
    this.executor =
        new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().name("xds").daemon().factory());
    executor.setRemoveOnCancelPolicy(true);
    executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  /**
   * Publishes what an earlier run kept. Does nothing where nothing is kept.
   *
   * @param listeners called on the client's thread with the names of the listeners that were kept
   */
  public void restore(Consumer<Set<String>> listeners) {
    run(() -> {
      restoreKept();
      listeners.accept(graph.listenerNames());
      settle();
    });
  }

  /** Asks for a listener that stays in the configuration even if the control plane removes it. */
  public void addPermanentListener(String name) {
    run(() -> {
      permanent.add(name);
      graph.addListener(name);
      settle();
    });
  }

  public void addListener(String name) {
    run(() -> {
      graph.addListener(name);
      announced.remove(name);
      settle();
    });
  }

  /** Asks for every listener that this client may see. */
  public void addAllListeners() {
    run(() -> {
      graph.addAllListeners();
      settle();
    });
  }

  public void removeListener(String name) {
    run(() -> {
      if (!permanent.contains(name)) {
        graph.removeListener(name);
        announced.remove(name);
        settle();
      }
    });
  }

  public void watch(ListenerWatcher watcher) {
    watchers.add(watcher);
  }

  /**
   * Connects, or connects anew: called for the first certificate and for every one that follows.
   */
  public void connect() {
    run(() -> {
      endStream("the connection is renewed");
      openStream();
    });
  }

  /** Whether an answer can be expected within moments. */
  public boolean reachable() {
    return reachable;
  }

  public ControlPlaneStatus status() {
    return status;
  }

  /** Ends the stream and keeps what is good for the next start. Waits a bounded time. */
  @Override
  public void close() {
    closed = true;
    try {
      Future<?> end =
          executor.submit(() -> {
            endStream("the proxy ends");
            keep();
          });
      end.get(CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException | RejectedExecutionException e) {
      LOGGER.warn("The client of the control plane did not end in order", e);
    }
    executor.shutdownNow();
  }

  private void run(Runnable task) {
    try {
      executor.execute(() -> {
        try {
          task.run();
        } catch (RuntimeException e) {
          LOGGER.error("The client of the control plane failed", e);
        }
      });
    } catch (RejectedExecutionException e) {
      if (!closed) {
        throw e;
      }
    }
  }

  private void restoreKept() {
    if (kept == null) {
      return;
    }
    try {
      List<KeptResource> resources = kept.read();
      int dropped = 0;
      for (KeptResource resource : resources) {
        if (!graph.restore(
            resource.type(), resource.name(), resource.version(), resource.resource())) {
          dropped++;
        }
      }
      if (!resources.isEmpty()) {
        LOGGER.info(
            "Starting from {} kept resources, {} of them no longer usable",
            resources.size(),
            dropped);
      }
    } catch (IOException | RuntimeException e) {
      observer.keepingFailed();
      LOGGER.warn("The kept resources are not used: {}", e.getMessage());
    }
  }

  private void openStream() {
    if (closed) {
      return;
    }
    become(Connection.CONNECTING);
    try {
      if (channel == null) {
        channel = channels.open(executor);
      }
      channel.resetConnectBackoff();
      for (ResourceType type : ResourceType.values()) {
        graph.table(type).streamStarted();
      }
      stream = DeltaStream.open(channel, node, events);
      scheduleTell();
    } catch (RuntimeException e) {
      failed(String.valueOf(e.getMessage()));
    }
  }

  private void endStream(String reason) {
    if (nextAttempt != null) {
      nextAttempt.cancel(false);
      nextAttempt = null;
    }
    if (stream != null) {
      stream.cancel(reason);
      stream = null;
    }
    if (channel != null) {
      channel.shutdown();
      channel = null;
    }
    if (connection == Connection.CONNECTED) {
      observer.disconnected();
    }
  }

  private void failed(String reason) {
    stream = null;
    lastFailure = reason;
    if (connection == Connection.CONNECTED) {
      observer.disconnected();
      if (since.plus(STEADY).isBefore(Instant.now())) {
        // Most likely the control plane is being replaced, and another replica answers already.
        LOGGER.info("The control plane ended the stream, opening another: {}", reason);
        openStream();
        return;
      }
    }
    become(Connection.DISCONNECTED);
    Duration wait = backOff.next();
    Instant now = Instant.now();
    if (lastFailureLogged == null || lastFailureLogged.plus(LOG_INTERVAL).isBefore(now)) {
      lastFailureLogged = now;
      LOGGER.warn(
          "No control plane, serving on what is known, next attempt in {} ms: {}",
          wait.toMillis(),
          reason);
    }
    if (!closed) {
      nextAttempt = executor.schedule(this::openStream, wait.toMillis(), TimeUnit.MILLISECONDS);
    }
    for (ListenerWatcher watcher : watchers) {
      watcher.unreachable(reason);
    }
  }

  private void become(Connection next) {
    if (connection != next) {
      connection = next;
      since = Instant.now();
    }
    reachable = next != Connection.DISCONNECTED;
    report();
  }

  private void report() {
    Map<ResourceType, TypeStatus> types = new EnumMap<>(ResourceType.class);
    for (ResourceType type : ResourceType.values()) {
      ResourceTable<?> table = graph.table(type);
      int present = 0;
      for (Known<?> known : table.entries().values()) {
        if (known instanceof Known.Present<?>) {
          present++;
        }
      }
      types.put(type, new TypeStatus(table.entries().size(), present, table.rejected()));
    }
    status =
        new ControlPlaneStatus(
            connection, since, lastFailure, lastResponse, types, overdue.overdue());
  }

  private void settle() {
    ProxyConfiguration next = graph.settle();
    if (next.version() != published.version()) {
      published = next;
      publisher.accept(next);
      scheduleKeeping();
    }
    announce();
    scheduleTell();
    checkWarming();
    report();
  }

  /** Without a control plane nothing can come, which is told elsewhere. */
  private void checkWarming() {
    Map<String, String> waiting = connection == Connection.CONNECTED ? graph.waiting() : Map.of();
    overdue
        .update(waiting, System.nanoTime())
        .forEach((listener, missing) ->
            LOGGER.warn(
                "Listener {} cannot serve in its newest version: the control plane has not sent {} for {} s",
                listener,
                missing,
                WARMING_PATIENCE.toSeconds()));
    if (!waiting.isEmpty() && nextWarmingCheck == null && !closed) {
      nextWarmingCheck =
          executor.schedule(
              () -> {
                nextWarmingCheck = null;
                checkWarming();
                report();
              },
              WARMING_PATIENCE.toMillis(),
              TimeUnit.MILLISECONDS);
    }
  }

  private void announce() {
    for (String name : graph.listenerNames()) {
      ResourceGraph.ListenerState state = graph.state(name);
      if (announced.put(name, state) == state) {
        continue;
      }
      for (ListenerWatcher watcher : watchers) {
        switch (state) {
          case PUBLISHED -> watcher.published(name);
          case ABSENT -> watcher.absent(name);
          case PENDING -> {}
        }
      }
    }
  }

  /** Many changes in one go become one request. */
  private void scheduleTell() {
    if (!tellScheduled) {
      tellScheduled = true;
      run(() -> {
        tellScheduled = false;
        tell();
      });
    }
  }

  private void tell() {
    if (stream != null) {
      for (ResourceType type : ResourceType.values()) {
        stream.tell(type, graph.table(type));
      }
    }
  }

  private void scheduleKeeping() {
    if (kept != null && nextKeeping == null && !closed) {
      nextKeeping = executor.schedule(this::keep, KEEP_DELAY.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private void keep() {
    nextKeeping = null;
    if (kept == null || published.listeners().isEmpty()) {
      return;
    }
    try {
      kept.write(graph.lastGood(permanent, LastGoodResources.MAX_SIZE));
    } catch (IOException | RuntimeException e) {
      observer.keepingFailed();
      LOGGER.warn("The resources cannot be kept for the next start: {}", e.toString());
    }
  }

  private void take(DeltaStream from, DeltaDiscoveryResponse response) {
    lastResponse = Instant.now();
    if (connection != Connection.CONNECTED) {
      become(Connection.CONNECTED);
      backOff.reset();
      lastFailure = null;
      lastFailureLogged = null;
      observer.connected();
      String identifier = response.getControlPlane().getIdentifier();
      LOGGER.info("Connected to the control plane{}", identifier.isEmpty() ? "" : " " + identifier);
    }
    @Nullable ResourceType type = ResourceType.of(response.getTypeUrl());
    if (type == null) {
      LOGGER.warn(
          "The control plane sent resources of a type not asked for: {}", response.getTypeUrl());
      return;
    }
    List<String> failures = new ArrayList<>();
    ResourceTable<?> table = graph.table(type);
    for (Resource resource : response.getResourcesList()) {
      @Nullable String failure =
          table.accept(resource.getName(), resource.getVersion(), resource.getResource());
      if (failure != null) {
        failures.add(type.label() + " " + resource.getName() + ": " + failure);
      }
    }
    for (String name : response.getRemovedResourcesList()) {
      if (type == ResourceType.LISTENER && permanent.contains(name) && table.value(name) != null) {
        LOGGER.warn("The control plane removed listener {}; it serves on", name);
      } else {
        table.removed(name);
      }
    }
    observer.accepted(type, response.getResourcesCount() - failures.size());
    if (failures.isEmpty()) {
      from.acknowledge(type, response);
    } else {
      observer.rejected(type, failures.size());
      String reason = String.join("; ", failures);
      LOGGER.warn("Refused what the control plane sent: {}", reason);
      from.refuse(type, response, reason);
    }
    settle();
  }

  private final class StreamEvents implements DeltaStream.Events {

    @Override
    public void response(DeltaStream from, DeltaDiscoveryResponse response) {
      if (from != stream) {
        return;
      }
      try {
        take(from, response);
      } catch (RuntimeException e) {
        LOGGER.error("A response of the control plane was not handled", e);
      }
      from.takeNext();
    }

    @Override
    public void ready(DeltaStream from) {
      if (from == stream) {
        tell();
      }
    }

    @Override
    public void ended(DeltaStream from, String reason) {
      if (from == stream) {
        failed(reason);
      }
    }
  }
}
