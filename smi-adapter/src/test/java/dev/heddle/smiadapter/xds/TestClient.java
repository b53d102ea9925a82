package dev.heddle.smiadapter.xds;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.Status;
import dev.heddle.smiadapter.resources.ResourceType;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.grpc.Channel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A delta ADS client that does what a test tells it, and reads only as much as it is told. */
final class TestClient
    implements ClientResponseObserver<DeltaDiscoveryRequest, DeltaDiscoveryResponse> {

  private static final int SECONDS = 5;

  private final BlockingQueue<DeltaDiscoveryResponse> responses = new LinkedBlockingQueue<>();
  private final CompletableFuture<Throwable> ended = new CompletableFuture<>();
  private final CompletableFuture<ClientCallStreamObserver<DeltaDiscoveryRequest>> stream =
      new CompletableFuture<>();
  private final String node;
  private final boolean readsAtOnce;

  private TestClient(String node, boolean readsAtOnce) {
    this.node = node;
    this.readsAtOnce = readsAtOnce;
  }

  static TestClient open(Channel channel, String node) {
    return open(channel, new TestClient(node, true));
  }

  /** A client that reads nothing until {@link #read} says so. */
  static TestClient openSlow(Channel channel, String node) {
    return open(channel, new TestClient(node, false));
  }

  private static TestClient open(Channel channel, TestClient client) {
    AggregatedDiscoveryServiceGrpc.newStub(channel).deltaAggregatedResources(client);
    return client;
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<DeltaDiscoveryRequest> requests) {
    if (!readsAtOnce) {
      requests.disableAutoRequestWithInitial(0);
    }
    stream.complete(requests);
  }

  @Override
  public void onNext(DeltaDiscoveryResponse response) {
    responses.add(response);
  }

  @Override
  public void onError(Throwable error) {
    ended.complete(error);
  }

  @Override
  public void onCompleted() {
    ended.complete(new IllegalStateException("completed"));
  }

  void read(int messages) {
    stream.join().request(messages);
  }

  void subscribe(ResourceType type, String... names) {
    send(request(type).addAllResourceNamesSubscribe(List.of(names)));
  }

  void unsubscribe(ResourceType type, String... names) {
    send(request(type).addAllResourceNamesUnsubscribe(List.of(names)));
  }

  void reconnect(ResourceType type, Map<String, String> versions, String... names) {
    send(
        request(type)
            .addAllResourceNamesSubscribe(List.of(names))
            .putAllInitialResourceVersions(versions));
  }

  void accept(DeltaDiscoveryResponse response) {
    send(
        DeltaDiscoveryRequest.newBuilder()
            .setTypeUrl(response.getTypeUrl())
            .setResponseNonce(response.getNonce()));
  }

  void reject(DeltaDiscoveryResponse response, String reason) {
    send(
        DeltaDiscoveryRequest.newBuilder()
            .setTypeUrl(response.getTypeUrl())
            .setResponseNonce(response.getNonce())
            .setErrorDetail(Status.newBuilder().setCode(3).setMessage(reason)));
  }

  void send(DeltaDiscoveryRequest.Builder request) {
    stream.join().onNext(request.setNode(Node.newBuilder().setId(node)).build());
  }

  /** The next response, accepted. */
  DeltaDiscoveryResponse next() throws InterruptedException {
    DeltaDiscoveryResponse response = nextUnanswered();
    accept(response);
    return response;
  }

  DeltaDiscoveryResponse nextUnanswered() throws InterruptedException {
    DeltaDiscoveryResponse response = responses.poll(SECONDS, TimeUnit.SECONDS);
    assertThat(response).as("a response within %d s", SECONDS).isNotNull();
    return response;
  }

  /** How many responses wait to be looked at. */
  int waiting() {
    return responses.size();
  }

  Throwable end() throws InterruptedException {
    try {
      return ended.get(SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError("the stream is still open", e);
    }
  }

  static List<String> names(DeltaDiscoveryResponse response) {
    return response.getResourcesList().stream().map(Resource::getName).toList();
  }

  static ResourceType type(DeltaDiscoveryResponse response) {
    return ResourceType.ofUrl(response.getTypeUrl()).orElseThrow();
  }

  private static DeltaDiscoveryRequest.Builder request(ResourceType type) {
    return DeltaDiscoveryRequest.newBuilder().setTypeUrl(type.url());
  }
}
