package dev.heddle.dataplane.http.ownrequest;

import dev.heddle.dataplane.config.LiveConfiguration;
import dev.heddle.dataplane.config.Tracing.Collector;
import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.http.exchange.UpstreamSource;
import dev.heddle.dataplane.http.message.HeaderNames;
import dev.heddle.dataplane.http.message.RequestHead;
import dev.heddle.dataplane.http.message.UncheckedHeaders;
import dev.heddle.dataplane.http.ownrequest.ClusterEndpoints.Choice;
import dev.heddle.dataplane.trace.SpanTransport;
import dev.heddle.dataplane.upstream.Upstreams;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.function.Consumer;

/** Sends spans to clusters: by gRPC, or in HTTP requests (OTLP 1.x). One per event loop. */
public final class CollectorTransport implements SpanTransport {
  private static final String GRPC_PATH =
      "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

  private static final String USER_AGENT = "OTel-OTLP-Exporter-Heddle";

  private final EventLoop eventLoop;
  private final ClusterEndpoints endpoints;
  private final UpstreamSource source;

  public CollectorTransport(
      EventLoop eventLoop,
      LiveConfiguration configuration,
      Upstreams upstreams,
      UpstreamSource source) {
    this.eventLoop = eventLoop;
    this.endpoints = new ClusterEndpoints(configuration, upstreams);
    this.source = source;
  }

  @Override
  public void send(Collector collector, byte[] request, Consumer<Result> done) {
    switch (endpoints.pick(collector.cluster())) {
      case Choice.NoCluster() -> done.accept(new Result.Failed("no such cluster"));
      case Choice.NoEndpoint() -> done.accept(new Result.Failed("no healthy endpoint"));
      case Choice.Picked picked ->
          call(collector, picked, request, done)
              .open(source, eventLoop, collector.timeout().toNanos());
    }
  }

  private static ExportCall call(
      Collector collector, Choice.Picked to, byte[] request, Consumer<Result> done) {
    HttpHeaders headers = UncheckedHeaders.create();
    headers.set("user-agent", USER_AGENT);
    collector.headers().forEach(header -> headers.set(header.name(), header.value()));
    return switch (collector) {
      case Collector.Grpc grpc -> {
        headers.set(HeaderNames.CONTENT_TYPE, "application/grpc");
        headers.set(HeaderNames.TE, "trailers");
        RequestHead head =
            head(
                to.endpoint().tls() == null ? "http" : "https",
                grpc.authority().isEmpty() ? to.cluster().name() : grpc.authority(),
                GRPC_PATH,
                headers,
                -1,
                true);
        yield new ExportCall(to.endpoint(), HttpProtocol.HTTP2, head, request, done);
      }
      case Collector.Http http -> {
        headers.set(HeaderNames.CONTENT_TYPE, "application/x-protobuf");
        headers.set(HeaderNames.CONTENT_LENGTH, request.length);
        RequestHead head =
            head(http.scheme(), http.authority(), http.path(), headers, request.length, false);
        HttpProtocol protocol = HttpProtocol.upstream(to.cluster().protocol(), HttpProtocol.HTTP1);
        yield new ExportCall(to.endpoint(), protocol, head, request, done);
      }
    };
  }

  private static RequestHead head(
      String scheme,
      String authority,
      String path,
      HttpHeaders headers,
      long length,
      boolean grpc) {
    return new RequestHead("POST", scheme, authority, path, headers, length, false, grpc, null);
  }
}
