package dev.heddle.dataplane.http.ownrequest;

import dev.heddle.dataplane.config.JwtAuthentication.KeySource;
import dev.heddle.dataplane.config.LiveConfiguration;
import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.http.exchange.UpstreamSource;
import dev.heddle.dataplane.http.filter.KeySetFetcher;
import dev.heddle.dataplane.http.message.RequestHead;
import dev.heddle.dataplane.http.message.UncheckedHeaders;
import dev.heddle.dataplane.http.ownrequest.ClusterEndpoints.Choice;
import dev.heddle.dataplane.upstream.Upstreams;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.function.Consumer;

/** Gets small documents from clusters. One per event loop. */
public final class ClusterFetcher implements KeySetFetcher {
  private final EventLoop eventLoop;
  private final ClusterEndpoints endpoints;
  private final UpstreamSource source;

  public ClusterFetcher(
      EventLoop eventLoop,
      LiveConfiguration configuration,
      Upstreams upstreams,
      UpstreamSource source) {
    this.eventLoop = eventLoop;
    this.endpoints = new ClusterEndpoints(configuration, upstreams);
    this.source = source;
  }

  @Override
  public void fetch(KeySource.Remote where, Consumer<Result> done) {
    switch (endpoints.pick(where.cluster())) {
      case Choice.NoCluster() -> done.accept(new Result.Failure("no cluster " + where.cluster()));
      case Choice.NoEndpoint() ->
          done.accept(new Result.Failure("no healthy endpoint of " + where.cluster()));
      case Choice.Picked picked -> get(where, picked, done);
    }
  }

  private void get(KeySource.Remote where, Choice.Picked from, Consumer<Result> done) {
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
    HttpProtocol protocol = HttpProtocol.upstream(from.cluster().protocol(), HttpProtocol.HTTP1);
    new DocumentAttempt(from.endpoint(), protocol, head, done)
        .open(source, eventLoop, where.timeout().toNanos());
  }
}
