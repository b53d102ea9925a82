package dev.heddle.dataplane.xds;

import com.google.rpc.Status;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.grpc.Channel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One delta ADS stream. Every method is called on the channel's executor, which must run one task
 * at a time; callbacks come on it too. Responses are taken one by one, so that a fast server waits.
 */
final class DeltaStream {

  private static final int INVALID_ARGUMENT = 3;
  private static final int MAX_ERROR_LENGTH = 4096;

  /** What happens on a stream. */
  interface Events {
    void response(DeltaStream stream, DeltaDiscoveryResponse response);

    /** More can be sent. */
    void ready(DeltaStream stream);

    /** Called once; nothing follows. */
    void ended(DeltaStream stream, String reason);
  }

  private final Node node;
  private final Events events;
  private final Set<ResourceType> introduced = EnumSet.noneOf(ResourceType.class);
  private final ClientCallStreamObserver<DeltaDiscoveryRequest> requests;
  private boolean nodeSent;
  private boolean ended;

  private DeltaStream(Channel channel, Node node, Events events) {
    this.node = node;
    this.events = events;
    this.requests =
        (ClientCallStreamObserver<DeltaDiscoveryRequest>)
            AggregatedDiscoveryServiceGrpc.newStub(channel)
                .deltaAggregatedResources(new Responses());
  }

  static DeltaStream open(Channel channel, Node node, Events events) {
    return new DeltaStream(channel, node, events);
  }

  /** Tells the server which names are wanted and no longer wanted, if it can take more now. */
  void tell(ResourceType type, ResourceTable<?> table) {
    if (ended || !requests.isReady() || !table.hasChanges()) {
      return;
    }
    boolean first = !introduced.contains(type);
    ResourceTable.Changes changes = table.takeChanges();
    if (first && changes.subscribe().isEmpty()) {
      // A first request without names would mean all resources of the type.
      return;
    }
    DeltaDiscoveryRequest.Builder request =
        request(type)
            .addAllResourceNamesSubscribe(changes.subscribe())
            .addAllResourceNamesUnsubscribe(changes.unsubscribe());
    if (first) {
      introduced.add(type);
      request.putAllInitialResourceVersions(table.versions());
    }
    requests.onNext(request.build());
  }

  void acknowledge(ResourceType type, DeltaDiscoveryResponse response) {
    send(request(type).setResponseNonce(response.getNonce()));
  }

  /** Refuses what {@code reason} names; the rest of the response counts as taken. */
  void refuse(ResourceType type, DeltaDiscoveryResponse response, String reason) {
    String message =
        reason.length() <= MAX_ERROR_LENGTH
            ? reason
            : reason.substring(0, MAX_ERROR_LENGTH) + "...";
    send(
        request(type)
            .setResponseNonce(response.getNonce())
            .setErrorDetail(Status.newBuilder().setCode(INVALID_ARGUMENT).setMessage(message)));
  }

  /** The next response may come. */
  void takeNext() {
    if (!ended) {
      requests.request(1);
    }
  }

  void cancel(String reason) {
    if (!ended) {
      ended = true;
      requests.cancel(reason, null);
    }
  }

  private DeltaDiscoveryRequest.Builder request(ResourceType type) {
    DeltaDiscoveryRequest.Builder request =
        DeltaDiscoveryRequest.newBuilder().setTypeUrl(type.url());
    if (!nodeSent) {
      nodeSent = true;
      request.setNode(node);
    }
    return request;
  }

  private void send(DeltaDiscoveryRequest.Builder request) {
    if (!ended) {
      requests.onNext(request.build());
    }
  }

  private final class Responses
      implements ClientResponseObserver<DeltaDiscoveryRequest, DeltaDiscoveryResponse> {

    @Override
    public void beforeStart(ClientCallStreamObserver<DeltaDiscoveryRequest> stream) {
      stream.disableAutoRequestWithInitial(1);
      stream.setOnReadyHandler(() -> {
        if (!ended) {
          events.ready(DeltaStream.this);
        }
      });
    }

    @Override
    public void onNext(DeltaDiscoveryResponse response) {
      if (!ended) {
        events.response(DeltaStream.this, response);
      }
    }

    @Override
    public void onError(Throwable failure) {
      end(reason(failure));
    }

    @Override
    public void onCompleted() {
      end("the control plane closed the stream");
    }

    private void end(String reason) {
      if (!ended) {
        ended = true;
        events.ended(DeltaStream.this, reason);
      }
    }

    private static String reason(Throwable failure) {
      @Nullable Throwable cause = failure.getCause();
      return cause == null
          ? String.valueOf(failure.getMessage())
          : failure.getMessage() + ": " + cause;
    }
  }
}
