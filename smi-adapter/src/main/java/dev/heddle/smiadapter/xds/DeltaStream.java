package dev.heddle.smiadapter.xds;

import dev.heddle.meshapi.identity.SpiffeId;
import dev.heddle.smiadapter.resources.Resource;
import dev.heddle.smiadapter.resources.ResourceKey;
import dev.heddle.smiadapter.resources.ResourceType;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's stream. Requests come on gRPC's threads and changes on the store's; a lock makes
 * them one sequence, and what is owed is sent whenever the transport takes it.
 *
 * <p>Additions go out as cluster, endpoints, listener, route, and removals after them the other way
 * round. Listeners and routes wait until the client has answered for the clusters before them, but
 * not forever.
 */
final class DeltaStream implements StreamObserver<DeltaDiscoveryRequest>, ResourceStore.Watcher {

  private static final Logger LOGGER = LoggerFactory.getLogger(DeltaStream.class);
  private static final Duration PATIENCE_FOR_CLUSTERS = Duration.ofSeconds(1);
  private static final int MAX_MESSAGE_LENGTH = 1_000;

  /** A response that the client has yet to answer for. */
  private record Unacknowledged(
      ResourceType type, List<ResourceKey> resources, @Nullable Long changedAt, long sentAt) {}

  private final ReentrantLock lock = new ReentrantLock();
  private final AtomicBoolean pushScheduled = new AtomicBoolean();
  private final ResourceStore store;
  private final SpiffeId identity;
  private final XdsLimits limits;
  private final XdsMetrics metrics;
  private final RejectionListener rejections;
  private final ServerCallStreamObserver<DeltaDiscoveryResponse> responses;
  private final ScheduledExecutorService executor;
  private final Consumer<DeltaStream> onClose;

  private final Map<ResourceType, Subscription> subscriptions = new EnumMap<>(ResourceType.class);
  private final Map<ResourceType, Long> changedAt = new EnumMap<>(ResourceType.class);
  private final Map<String, Unacknowledged> unacknowledged = new LinkedHashMap<>();
  private @Nullable Client client;
  private long responsesSent;
  private boolean closed;

  DeltaStream(
      ResourceStore store,
      SpiffeId identity,
      XdsLimits limits,
      XdsMetrics metrics,
      RejectionListener rejections,
      ServerCallStreamObserver<DeltaDiscoveryResponse> responses,
      ScheduledExecutorService executor,
      Consumer<DeltaStream> onClose) {
    this.store = store;
    this.identity = identity;
    this.limits = limits;
    this.metrics = metrics;
    this.rejections = rejections;
    this.responses = responses;
    this.executor = executor;
    this.onClose = onClose;
  }

  /** Begins to listen to the transport; to the store once the client has subscribed. */
  void open() {
    responses.setOnReadyHandler(this::push);
    responses.setOnCancelHandler(this::ended);
    responses.setOnCloseHandler(this::ended);
  }

  @Override
  public void onNext(DeltaDiscoveryRequest request) {
    lock.lock();
    try {
      if (!closed) {
        handle(request);
        pushLocked();
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void onError(Throwable error) {
    LOGGER.debug("Stream of {} broke: {}", name(), error.getMessage());
    ended();
  }

  @Override
  public void onCompleted() {
    close(Status.OK);
  }

  @Override
  public void changed(Collection<ResourceKey> keys, long since) {
    boolean concerned = false;
    lock.lock();
    try {
      for (ResourceKey key : keys) {
        Subscription subscription = subscriptions.get(key.type());
        if (subscription != null && subscription.changed(key.name())) {
          changedAt.putIfAbsent(key.type(), since);
          concerned = true;
        }
      }
    } finally {
      lock.unlock();
    }
    if (concerned) {
      schedulePush();
    }
  }

  /** Ends the stream; with any other status than OK the client connects anew. */
  void close(Status status) {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      if (status.isOk()) {
        responses.onCompleted();
      } else {
        responses.onError(status.asRuntimeException());
      }
    } finally {
      lock.unlock();
    }
    release();
  }

  /** The client has ended the stream, or the transport has. */
  private void ended() {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
    } finally {
      lock.unlock();
    }
    release();
  }

  private void release() {
    lock.lock();
    try {
      subscriptions.values().forEach(Subscription::close);
    } finally {
      lock.unlock();
    }
    onClose.accept(this);
    LOGGER.info("Stream of {} ended", name());
  }

  private void handle(DeltaDiscoveryRequest request) {
    if (client == null) {
      client = new Client(identity, abbreviate(request.getNode().getId(), limits.nameLength()));
      LOGGER.info("Stream of {} opened", client);
    }
    Optional<ResourceType> type = ResourceType.ofUrl(request.getTypeUrl());
    if (type.isEmpty()) {
      answerUnknownType(request);
      return;
    }
    if (!request.getResponseNonce().isEmpty()) {
      acknowledge(request);
    }
    subscribe(type.get(), client, request);
  }

  private void subscribe(ResourceType type, Client subscriber, DeltaDiscoveryRequest request) {
    List<String> names = request.getResourceNamesSubscribeList();
    Optional<String> tooLong =
        Stream.concat(names.stream(), request.getInitialResourceVersionsMap().keySet().stream())
            .filter(name -> name.length() > limits.nameLength())
            .findFirst();
    if (tooLong.isPresent()) {
      refuse("resource name: " + tooLong.get().length() + " characters", limits.nameLength());
      return;
    }
    Subscription subscription = subscriptions.get(type);
    if (subscription == null) {
      subscription =
          new Subscription(type, store, subscriber, this, request.getInitialResourceVersionsMap());
      subscriptions.put(type, subscription);
      subscription.open(names);
    } else {
      subscription.change(names, request.getResourceNamesUnsubscribeList());
    }
    int total = subscriptions.values().stream().mapToInt(Subscription::size).sum();
    if (total > limits.subscriptions()) {
      refuse("subscriptions: " + total, limits.subscriptions());
    }
  }

  private void refuse(String what, int limit) {
    String message = what + " (expected: at most " + limit + ")";
    LOGGER.warn("Stream of {} refused: {}", name(), message);
    metrics.refusedStream("limit");
    close(Status.RESOURCE_EXHAUSTED.withDescription(message));
  }

  private void acknowledge(DeltaDiscoveryRequest request) {
    Unacknowledged response = unacknowledged.remove(request.getResponseNonce());
    if (response == null) {
      LOGGER.debug("{} answers for a response that was not sent", name());
      return;
    }
    if (request.hasErrorDetail()) {
      String message = abbreviate(request.getErrorDetail().getMessage(), MAX_MESSAGE_LENGTH);
      metrics.rejected(response.type());
      LOGGER.warn("{} rejects {}: {}", name(), response.resources(), message);
      rejections.rejected(response.resources(), message);
    } else if (response.changedAt() != null) {
      metrics.accepted(System.nanoTime() - response.changedAt());
    }
  }

  /** A type that is not served has no resources, and who asks for some is to know. */
  private void answerUnknownType(DeltaDiscoveryRequest request) {
    if (request.getResourceNamesSubscribeCount() > 0) {
      responses.onNext(
          DeltaDiscoveryResponse.newBuilder()
              .setTypeUrl(request.getTypeUrl())
              .addAllRemovedResources(request.getResourceNamesSubscribeList())
              .setNonce(nextNonce())
              .build());
    }
  }

  private void schedulePush() {
    if (pushScheduled.compareAndSet(false, true)) {
      executor.execute(() -> {
        pushScheduled.set(false);
        push();
      });
    }
  }

  private void push() {
    lock.lock();
    try {
      pushLocked();
    } finally {
      lock.unlock();
    }
  }

  private void pushLocked() {
    try {
      boolean sent = true;
      while (sent
          && !closed
          && responses.isReady()
          && unacknowledged.size() < limits.unacknowledged()) {
        sent = sendNext();
      }
    } catch (RuntimeException e) {
      metrics.failedPush();
      LOGGER.error("Sending to {} failed", name(), e);
      close(Status.INTERNAL.withDescription("sending failed"));
    }
  }

  /** Sends the one response that is due; whether there was one. */
  private boolean sendNext() {
    boolean waitsForClusters = waitsForClusters();
    for (ResourceType type : ResourceType.values()) {
      Subscription subscription = subscriptions.get(type);
      if (subscription == null || (waitsForClusters && dependsOnClusters(type))) {
        continue;
      }
      List<Resource> additions = subscription.additions(limits);
      if (!additions.isEmpty() || subscription.takeAnswerOwed()) {
        subscription.takeAnswerOwed();
        send(type, additions, List.of());
        return true;
      }
    }
    if (waitsForClusters) {
      return false;
    }
    for (ResourceType type : List.of(ResourceType.values()).reversed()) {
      Subscription subscription = subscriptions.get(type);
      if (subscription == null) {
        continue;
      }
      List<Resource> withdrawals = subscription.withdrawals(limits);
      List<String> removals = subscription.removals(limits);
      if (!withdrawals.isEmpty() || !removals.isEmpty()) {
        send(type, withdrawals, removals);
        return true;
      }
    }
    return false;
  }

  private void send(ResourceType type, List<Resource> additions, List<String> removals) {
    String nonce = nextNonce();
    DeltaDiscoveryResponse.Builder response =
        DeltaDiscoveryResponse.newBuilder()
            .setTypeUrl(type.url())
            .setNonce(nonce)
            .addAllRemovedResources(removals);
    additions.forEach(resource -> response.addResources(resource.encoded()));
    List<ResourceKey> keys =
        Stream.concat(
                additions.stream().map(Resource::key),
                removals.stream().map(name -> new ResourceKey(type, name)))
            .toList();
    unacknowledged.put(
        nonce, new Unacknowledged(type, keys, changedAt.remove(type), System.nanoTime()));
    if (type == ResourceType.CLUSTER) {
      // The future is not kept: a push with nothing to send is harmless.
      ScheduledFuture<?> _ =
          executor.schedule(
              this::push, PATIENCE_FOR_CLUSTERS.toMillis() + 1, TimeUnit.MILLISECONDS);
    }
    responses.onNext(response.build());
    metrics.pushed(type, additions.size(), removals.size());
  }

  private boolean waitsForClusters() {
    long now = System.nanoTime();
    return unacknowledged.values().stream()
        .anyMatch(response ->
            response.type() == ResourceType.CLUSTER
                && now - response.sentAt() < PATIENCE_FOR_CLUSTERS.toNanos());
  }

  private static boolean dependsOnClusters(ResourceType type) {
    return switch (type) {
      case CLUSTER, ENDPOINT -> false;
      case LISTENER, ROUTE -> true;
    };
  }

  private String nextNonce() {
    responsesSent++;
    return Long.toString(responsesSent);
  }

  private String name() {
    Client known = client;
    return known == null ? identity.toString() : known.toString();
  }

  private static String abbreviate(String text, int length) {
    return text.length() <= length ? text : text.substring(0, length);
  }
}
