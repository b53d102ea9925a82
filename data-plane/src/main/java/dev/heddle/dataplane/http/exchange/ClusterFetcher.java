package dev.heddle.dataplane.http.exchange;

import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.config.JwtAuthentication.KeySource;
import dev.heddle.dataplane.config.LiveConfiguration;
import dev.heddle.dataplane.config.ProxyConfiguration;
import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.http.filter.KeySetFetcher;
import dev.heddle.dataplane.http.message.RequestHead;
import dev.heddle.dataplane.http.message.UncheckedHeaders;
import dev.heddle.dataplane.upstream.PickedEndpoint;
import dev.heddle.dataplane.upstream.Upstreams;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Gets small documents from clusters. One per event loop. */
final class ClusterFetcher implements KeySetFetcher {
  private static final InetSocketAddress NO_DESTINATION =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  private final EventLoop eventLoop;
  private final LiveConfiguration configuration;
  private final Upstreams upstreams;
  private final UpstreamSource source;

  ClusterFetcher(
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
  public void fetch(KeySource.Remote where, Consumer<Result> done) {
    ProxyConfiguration current = configuration.current();
    Cluster cluster = current.cluster(where.cluster());
    if (cluster == null) {
      done.accept(new Result.Failure("no cluster " + where.cluster()));
      return;
    }
    PickedEndpoint picked = upstreams.pick(current, cluster, NO_DESTINATION, Set.of(), 0);
    if (picked == null) {
      done.accept(new Result.Failure("no healthy endpoint of " + where.cluster()));
      return;
    }
    HttpProtocol protocol =
        switch (cluster.protocol()) {
          case HTTP2 -> HttpProtocol.HTTP2;
          case HTTP1, SAME_AS_DOWNSTREAM -> HttpProtocol.HTTP1;
        };
    HttpHeaders headers = UncheckedHeaders.create();
    headers.set("accept", "application/json");
    RequestHead head =
        new RequestHead(
            "GET",
            where.scheme(),
            where.authority(),
            where.path(),
            headers,
            -1,
            false,
            false,
            null);
    DocumentAttempt attempt = new DocumentAttempt(picked, protocol, head, done);
    attempt.bound(
        eventLoop.schedule(attempt::timedOut, where.timeout().toNanos(), TimeUnit.NANOSECONDS));
    source.open(attempt);
  }
}
