package dev.heddle.dataplane;

import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.collector.trace.v1.TraceServiceGrpc.TraceServiceImplBase;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A collector of spans: OTLP by gRPC. */
final class SpanCollector implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 30;

  private final List<ResourceSpans> received = new CopyOnWriteArrayList<>();
  private final List<Metadata> headers = new CopyOnWriteArrayList<>();
  private final CountDownLatch answer;
  private final Server server;

  /** One that answers at once. */
  static SpanCollector start() throws IOException {
    return new SpanCollector(new CountDownLatch(0));
  }

  /** One that answers nothing until the latch opens. */
  static SpanCollector slow(CountDownLatch answer) throws IOException {
    return new SpanCollector(answer);
  }

  private SpanCollector(CountDownLatch answer) throws IOException {
    this.answer = answer;
    this.server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(ServerInterceptors.intercept(new Service(), new Listening()))
            .build()
            .start();
  }

  int port() {
    return server.getPort();
  }

  List<ResourceSpans> received() {
    return received;
  }

  List<Metadata> headers() {
    return headers;
  }

  List<Span> spans() {
    return received.stream()
        .flatMap(resource -> resource.getScopeSpansList().stream())
        .flatMap(scope -> scope.getSpansList().stream())
        .toList();
  }

  @Override
  public void close() {
    answer.countDown();
    server.shutdownNow();
  }

  private final class Listening implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata metadata, ServerCallHandler<Q, A> next) {
      headers.add(metadata);
      return next.startCall(call, metadata);
    }
  }

  private final class Service extends TraceServiceImplBase {
    @Override
    public void export(
        ExportTraceServiceRequest request, StreamObserver<ExportTraceServiceResponse> done) {
      received.addAll(request.getResourceSpansList());
      try {
        if (!answer.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
          return;
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
      done.onNext(ExportTraceServiceResponse.getDefaultInstance());
      done.onCompleted();
    }
  }
}
