package dev.heddle.dataplane.http.exchange;

import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.config.LiveConfiguration;
import dev.heddle.dataplane.config.ProxyConfiguration;
import dev.heddle.dataplane.config.Tracing.Collector;
import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.http.message.HeaderNames;
import dev.heddle.dataplane.http.message.RequestHead;
import dev.heddle.dataplane.http.message.UncheckedHeaders;
import dev.heddle.dataplane.trace.SpanTransport;
import dev.heddle.dataplane.upstream.PickedEndpoint;
import dev.heddle.dataplane.upstream.Upstreams;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Sends spans to clusters: by gRPC, or in HTTP requests (OTLP 1.x). One per event loop. */
final class CollectorTransport implements SpanTransport {
  private static final InetSocketAddress NO_DESTINATION =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  private static final String GRPC_PATH =
      "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

  private static final String USER_AGENT = "OTel-OTLP-Exporter-Heddle";

  private final EventLoop eventLoop;
  private final LiveConfiguration configuration;
  private final Upstreams upstreams;
  private final UpstreamSource source;

  CollectorTransport(
      EventLoop eventLoop,
      LiveConfiguration configuration,
      Upstreams upstreams,
      UpstreamSource source) {
    this.eventLoop = eventLoop;
    this.configuration = configuration;
    this.upstreams = upstreams;
    this.source = source;
  }

  @Override
  public void send(Collector collector, byte[] request, Consumer<Result> done) {
    ProxyConfiguration current = configuration.current();
    Cluster cluster = current.cluster(collector.cluster());
    if (cluster == null) {
      done.accept(new Result.Failed("no such cluster"));
      return;
    }
    PickedEndpoint picked = upstreams.pick(current, cluster, NO_DESTINATION, Set.of(), 0);
    if (picked == null) {
      done.accept(new Result.Failed("no healthy endpoint"));
      return;
    }
    HttpHeaders headers = UncheckedHeaders.create();
    headers.set("user-agent", USER_AGENT);
    collector.headers().forEach(header -> headers.set(header.name(), header.value()));
    ExportCall call =
        switch (collector) {
          case Collector.Grpc grpc -> {
            headers.set(HeaderNames.CONTENT_TYPE, "application/grpc");
            headers.set(HeaderNames.TE, "trailers");
            RequestHead head =
                head(
                    picked.tls() == null ? "http" : "https",
                    grpc.authority().isEmpty() ? cluster.name() : grpc.authority(),
                    GRPC_PATH,
                    headers,
                    -1,
                    true);
            yield new ExportCall(picked, HttpProtocol.HTTP2, head, request, done);
          }
          case Collector.Http http -> {
            headers.set(HeaderNames.CONTENT_TYPE, "application/x-protobuf");
            headers.set(HeaderNames.CONTENT_LENGTH, request.length);
            HttpProtocol protocol =
                switch (cluster.protocol()) {
                  case HTTP2 -> HttpProtocol.HTTP2;
                  case HTTP1, SAME_AS_DOWNSTREAM -> HttpProtocol.HTTP1;
                };
            RequestHead head =
                head(http.scheme(), http.authority(), http.path(), headers, request.length, false);
            yield new ExportCall(picked, protocol, head, request, done);
          }
        };
    call.bound(
        eventLoop.schedule(call::timedOut, collector.timeout().toNanos(), TimeUnit.NANOSECONDS));
    source.open(call);
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
