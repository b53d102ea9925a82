package dev.heddle.dataplane.xds;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc.AggregatedDiscoveryServiceImplBase;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A delta ADS server that says what the test says, and shows what it was told. */
public final class ScriptedControlPlane implements AutoCloseable {

  private static final long PATIENCE_SECONDS = 10;

  private final BlockingQueue<DeltaDiscoveryRequest> requests = new LinkedBlockingQueue<>();
  private final BlockingQueue<StreamObserver<DeltaDiscoveryResponse>> streams =
      new LinkedBlockingQueue<>();
  private final AtomicInteger nonce = new AtomicInteger();
  private final Server server;
  private @Nullable StreamObserver<DeltaDiscoveryResponse> stream;

  private ScriptedControlPlane(int port, @Nullable SslContext tls) throws IOException {
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
            .addService(new Service());
    this.server = (tls == null ? builder : builder.sslContext(tls)).build().start();
  }

  public static ScriptedControlPlane start(SslContext tls) throws IOException {
    return new ScriptedControlPlane(0, tls);
  }

  public static ScriptedControlPlane start() throws IOException {
    return new ScriptedControlPlane(0, null);
  }

  static ScriptedControlPlane startAt(int port) throws IOException {
    return new ScriptedControlPlane(port, null);
  }

  public int port() {
    return server.getPort();
  }

  /** The next request; fails when none comes. */
  public DeltaDiscoveryRequest request() throws InterruptedException {
    DeltaDiscoveryRequest request = requests.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    if (request == null) {
      throw new AssertionError("no request within " + PATIENCE_SECONDS + " s");
    }
    return request;
  }

  /** The next request of the type that subscribes or unsubscribes, past all acknowledgements. */
  DeltaDiscoveryRequest subscription(ResourceType type) throws InterruptedException {
    while (true) {
      DeltaDiscoveryRequest request = request();
      if (request.getTypeUrl().equals(type.url())
          && request.getResourceNamesSubscribeCount() + request.getResourceNamesUnsubscribeCount()
              > 0) {
        return request;
      }
    }
  }

  /** The answer to a response. */
  DeltaDiscoveryRequest acknowledgement(String ofNonce) throws InterruptedException {
    while (true) {
      DeltaDiscoveryRequest request = request();
      if (request.getResponseNonce().equals(ofNonce)) {
        return request;
      }
    }
  }

  /** Sends one resource; returns the nonce. */
  public String send(ResourceType type, String name, String version, Any resource)
      throws InterruptedException {
    return respond(
        type,
        DeltaDiscoveryResponse.newBuilder()
            .addResources(
                Resource.newBuilder().setName(name).setVersion(version).setResource(resource)));
  }

  String remove(ResourceType type, String... names) throws InterruptedException {
    return respond(
        type, DeltaDiscoveryResponse.newBuilder().addAllRemovedResources(List.of(names)));
  }

  public String respond(ResourceType type, DeltaDiscoveryResponse.Builder response)
      throws InterruptedException {
    String id = "n" + nonce.incrementAndGet();
    stream().onNext(response.setTypeUrl(type.url()).setNonce(id).build());
    return id;
  }

  /** Ends the stream that is open; the next one takes its place. */
  void cut() throws InterruptedException {
    stream().onError(Status.UNAVAILABLE.asRuntimeException());
    stream = null;
    requests.clear();
  }

  private StreamObserver<DeltaDiscoveryResponse> stream() throws InterruptedException {
    StreamObserver<DeltaDiscoveryResponse> newer = streams.poll();
    if (newer != null) {
      stream = newer;
    }
    if (stream == null) {
      stream = streams.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
    if (stream == null) {
      throw new AssertionError("no stream within " + PATIENCE_SECONDS + " s");
    }
    return stream;
  }

  @Override
  public void close() {
    server.shutdownNow();
    boolean interrupted = Thread.interrupted();
    try {
      assertThat(server.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private final class Service extends AggregatedDiscoveryServiceImplBase {
    @Override
    public StreamObserver<DeltaDiscoveryRequest> deltaAggregatedResources(
        StreamObserver<DeltaDiscoveryResponse> responses) {
      streams.add(responses);
      return new StreamObserver<>() {
        @Override
        public void onNext(DeltaDiscoveryRequest request) {
          requests.add(request);
        }

        @Override
        public void onError(Throwable failure) {
          // The client ended the stream; there is nobody to answer.
        }

        @Override
        public void onCompleted() {
          responses.onCompleted();
        }
      };
    }
  }
}
