package dev.heddle.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.heddle.dataplane.http.harness.RawClient;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Endpoints are asked by grpc.health.v1 how they are, and get calls accordingly. */
final class GrpcHealthCheckTest {

  /** {@code grpc.health.v1.HealthCheckResponse{status: SERVING}}. */
  private static final byte[] SERVING = {0x08, 1};

  private static final byte[] NOT_SERVING = {0x08, 2};

  /** Without a status, which is UNKNOWN. */
  private static final byte[] UNKNOWN = {};

  private static final int CALLS = 6;

  @TempDir private Path directory;

  @Test
  void whoDoesNotServeGetsNoCalls() throws Exception {
    try (App well = new App();
        App ill = new App();
        BootstrappedProxy proxy = proxy(well, ill)) {
      await().until(() -> callsOf(ill, proxy) > 0);

      ill.health = NOT_SERVING;
      await().until(() -> callsOf(ill, proxy) == 0);
      ill.health = SERVING;
      await().until(() -> callsOf(ill, proxy) > 0);

      ill.health = UNKNOWN;
      await().until(() -> callsOf(ill, proxy) == 0);
      ill.health = SERVING;
      await().until(() -> callsOf(ill, proxy) > 0);

      ill.failure = Status.NOT_FOUND;
      await().until(() -> callsOf(ill, proxy) == 0);
      ill.failure = Status.OK;
      await().until(() -> callsOf(ill, proxy) > 0);

      ill.stop();
      await().until(() -> callsOf(well, proxy) == CALLS);
    }
  }

  @Test
  void theServiceIsNamed() throws Exception {
    try (App app = new App();
        BootstrappedProxy _ = proxy(app)) {
      await().until(() -> app.asked.size() > 1);
      assertThat(app.asked).containsOnly("shop.Carts");
    }
  }

  /** How many of some calls get to an app. */
  private static int callsOf(App app, BootstrappedProxy proxy) throws IOException {
    int before = app.calls.get();
    for (int i = 0; i < CALLS; i++) {
      try (RawClient client = new RawClient(proxy.address("web"))) {
        client
            .send(
                RawClient.lines(
                    "POST /shop.Carts/Get HTTP/1.1",
                    "Host: shop",
                    "Content-Type: application/grpc",
                    "TE: trailers",
                    "Content-Length: 5"))
            .send(new byte[5])
            .response();
      }
    }
    return app.calls.get() - before;
  }

  private BootstrappedProxy proxy(App... apps) throws Exception {
    StringBuilder endpoints = new StringBuilder();
    for (App app : apps) {
      endpoints
          .append("{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: ")
          .append(app.server.getPort())
          .append("}}}},");
    }
    return BootstrappedProxy.start(
        directory,
        """
        static_resources:
          listeners:
            - name: web
              address: {socket_address: {address: 127.0.0.1, port_value: 0}}
              filter_chains: [{filters: [{name: http, typed_config: {
                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager,
                stat_prefix: web,
                route_config: {virtual_hosts: [{name: all, domains: ["*"], routes: [{match: {prefix: /}, route: {cluster: app}}]}]},
                http_filters: [{name: router, typed_config: {
                  "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}}]}}]}]
          clusters:
            - name: app
              lb_policy: ROUND_ROBIN
              typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {
                "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions,
                explicit_http_config: {http2_protocol_options: {}}}}
              health_checks: [{timeout: 2s, interval: 0.05s, unhealthy_threshold: 1, healthy_threshold: 1,
                grpc_health_check: {service_name: shop.Carts}}]
              load_assignment: {cluster_name: app, endpoints: [{lb_endpoints: [%s]}]}
        """
            .formatted(endpoints));
  }

  /** Says how it is, and answers whatever else it is called for. */
  private static final class App implements AutoCloseable {
    private final AtomicInteger calls = new AtomicInteger();

    /** The services that it was asked about. */
    private final List<String> asked = new CopyOnWriteArrayList<>();

    private final Server server;
    private volatile byte[] health = SERVING;

    /** What a question about its health ends with. */
    private volatile Status failure = Status.OK;

    App() throws IOException {
      server =
          NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
              .addService(
                  ServerServiceDefinition.builder("grpc.health.v1.Health")
                      .addMethod(unary("grpc.health.v1.Health/Check", this::check))
                      .build())
              .addService(
                  ServerServiceDefinition.builder("shop.Carts")
                      .addMethod(unary("shop.Carts/Get", this::answer))
                      .build())
              .build()
              .start();
    }

    private void check(byte[] request, StreamObserver<byte[]> response) {
      // One field, the service's name: its tag, its length, its bytes.
      asked.add(
          new String(
              Arrays.copyOfRange(request, Math.min(2, request.length), request.length),
              StandardCharsets.UTF_8));
      Status ends = failure;
      if (ends.isOk()) {
        response.onNext(health);
        response.onCompleted();
      } else {
        response.onError(ends.asRuntimeException());
      }
    }

    private void answer(byte[] request, StreamObserver<byte[]> response) {
      calls.incrementAndGet();
      response.onNext(request);
      response.onCompleted();
    }

    void stop() {
      server.shutdownNow();
    }

    @Override
    public void close() {
      stop();
    }
  }

  private static ServerMethodDefinition<byte[], byte[]> unary(
      String name, ServerCalls.UnaryMethod<byte[], byte[]> method) {
    return ServerMethodDefinition.create(
        MethodDescriptor.<byte[], byte[]>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName(name)
            .setRequestMarshaller(new Bytes())
            .setResponseMarshaller(new Bytes())
            .build(),
        ServerCalls.asyncUnaryCall(method));
  }

  /** Messages as they are on the wire. */
  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
