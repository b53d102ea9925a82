package dev.heddle.dataplane.http.harness;

import dev.heddle.dataplane.config.AccessPolicy;
import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.config.Endpoint;
import dev.heddle.dataplane.config.EndpointAssignment;
import dev.heddle.dataplane.config.FilterChain;
import dev.heddle.dataplane.config.FilterChainMatch;
import dev.heddle.dataplane.config.HttpFilter;
import dev.heddle.dataplane.config.Listener;
import dev.heddle.dataplane.config.ProxyConfiguration;
import dev.heddle.dataplane.config.RouteConfiguration;
import dev.heddle.dataplane.config.TerminalFilter;
import dev.heddle.dataplane.config.TrafficDirection;
import dev.heddle.dataplane.config.UpstreamTls;
import dev.heddle.dataplane.config.WeightedCluster;
import dev.heddle.dataplane.config.Workload;
import dev.heddle.dataplane.connection.ConnectionContext;
import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.http.HttpConnectionManagerInstaller;
import dev.heddle.dataplane.http.HttpLimits;
import dev.heddle.dataplane.lifecycle.DrainNotice;
import dev.heddle.dataplane.lifecycle.PressureNotice;
import dev.heddle.dataplane.overload.Memory;
import dev.heddle.dataplane.overload.MemoryGuard;
import dev.heddle.dataplane.telemetry.RequestReport;
import dev.heddle.dataplane.trace.ExportMonitor;
import dev.heddle.dataplane.transport.PerEventLoop;
import dev.heddle.meshapi.identity.SpiffeId;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The HTTP data path on real channels over loopback, with upstreams given by address. */
public final class ProxyHarness implements AutoCloseable {
  public static final SpiffeId CALLER = SpiffeId.of("test", "shop", "frontend");

  private static final String LISTENER = "test";

  private final MultiThreadIoEventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final List<Channel> servers = new ArrayList<>();
  private final Set<Channel> downstream = ConcurrentHashMap.newKeySet();
  private final RecordedRequests requests = new RecordedRequests();
  private final RoundRobinUpstreams upstreams;
  private final HttpConnectionManagerInstaller installer;
  private final Settings settings;
  private volatile ProxyConfiguration configuration;
  private long version;

  /** What a test varies. */
  public static final class Settings {
    private final Map<String, List<InetSocketAddress>> clusters = new LinkedHashMap<>();
    private final List<WeightedCluster> weights = new ArrayList<>();
    private TrafficDirection direction = TrafficDirection.OUTBOUND;
    private boolean mutualTls;
    private int retries = 2;
    private Duration routeTimeout = Duration.ZERO;
    private Duration headersTimeout = Duration.ofSeconds(10);
    private Duration streamIdle = Duration.ofSeconds(30);
    private Duration idle = Duration.ofSeconds(30);
    private Cluster.UpstreamProtocol protocol = Cluster.UpstreamProtocol.SAME_AS_DOWNSTREAM;
    private @Nullable AccessPolicy policy;
    private @Nullable UpstreamTls upstreamTls;
    private HttpLimits limits = HttpLimits.DEFAULT;
    private MemoryGuard memory = Memory.plenty();

    public Settings cluster(String name, long weight, InetSocketAddress... endpoints) {
      clusters.put(name, List.of(endpoints));
      weights.add(new WeightedCluster(name, weight));
      return this;
    }

    public Settings inboundMesh() {
      direction = TrafficDirection.INBOUND;
      mutualTls = true;
      return this;
    }

    /** Makes the proxy believe that endpoints proved to be of the mesh; bytes stay plaintext. */
    public Settings meshUpstream() {
      upstreamTls =
          new UpstreamTls(
              new dev.heddle.dataplane.config.TlsCertificate.Workload(),
              "mesh.heddle.internal",
              List.of("spiffe://test/ns/shop/sa/backend"),
              List.of());
      return this;
    }

    public Settings retries(int count) {
      retries = count;
      return this;
    }

    public Settings routeTimeout(Duration timeout) {
      routeTimeout = timeout;
      return this;
    }

    public Settings headersTimeout(Duration timeout) {
      headersTimeout = timeout;
      return this;
    }

    public Settings streamIdle(Duration timeout) {
      streamIdle = timeout;
      return this;
    }

    public Settings idle(Duration timeout) {
      idle = timeout;
      return this;
    }

    public Settings protocol(Cluster.UpstreamProtocol upstream) {
      protocol = upstream;
      return this;
    }

    public Settings policy(AccessPolicy accessPolicy) {
      policy = accessPolicy;
      return this;
    }

    public Settings limits(HttpLimits bounds) {
      limits = bounds;
      return this;
    }

    public Settings memory(MemoryGuard guard) {
      memory = guard;
      return this;
    }

    public ProxyHarness start() throws InterruptedException {
      return new ProxyHarness(this);
    }

    TerminalFilter.HttpConnectionManager filter() {
      return new TerminalFilter.HttpConnectionManager(
          "test",
          TerminalFilter.Codec.AUTO,
          new TerminalFilter.RouteSource.Named("routes"),
          policy == null
              ? List.of()
              : List.of(new HttpFilter.Named("access", new HttpFilter.Access(policy))),
          headersTimeout,
          streamIdle,
          idle);
    }

    /** What the listener would say of an accepted connection. */
    ConnectionContext connection(
        TerminalFilter.HttpConnectionManager filter,
        InetSocketAddress source,
        InetSocketAddress destination) {
      Listener listener = listener(filter);
      return new ConnectionContext(
          listener,
          listener.filterChains().getFirst(),
          source,
          destination,
          mutualTls ? CALLER : null,
          mutualTls);
    }

    private Listener listener(TerminalFilter.HttpConnectionManager filter) {
      return new Listener(
          LISTENER,
          new InetSocketAddress(InetAddress.getLoopbackAddress(), 80),
          direction,
          false,
          false,
          false,
          false,
          List.of(new FilterChain("test", FilterChainMatch.ANY, null, filter)),
          null);
    }

    @Nullable UpstreamTls upstreamTls() {
      return upstreamTls;
    }

    HttpLimits limits() {
      return limits;
    }

    MemoryGuard memory() {
      return memory;
    }

    Map<String, List<InetSocketAddress>> clusters() {
      return clusters;
    }

    /** The configuration that routes everything by the weights to these endpoints. */
    ProxyConfiguration configuration(long version, Map<String, List<InetSocketAddress>> endpoints) {
      Map<String, Cluster> clusters = new LinkedHashMap<>();
      Map<String, EndpointAssignment> assignments = new LinkedHashMap<>();
      endpoints.forEach((name, addresses) -> {
        clusters.put(
            name,
            new Cluster(
                name,
                Cluster.Discovery.ASSIGNED,
                new Cluster.Destination(name, "shop", 80),
                Duration.ofSeconds(2),
                Cluster.LoadBalancing.ROUND_ROBIN,
                protocol,
                List.of(),
                null,
                Cluster.Limits.DEFAULT));
        assignments.put(
            name,
            new EndpointAssignment(
                addresses.stream()
                    .map(address ->
                        new Endpoint(
                            address,
                            Endpoint.Health.HEALTHY,
                            1,
                            Endpoint.Locality.UNKNOWN,
                            Map.of(),
                            new Workload(name, "", "shop", "", "", name, "")))
                    .toList()));
      });
      RouteConfiguration routes =
          new RouteConfiguration(
              "routes",
              List.of(
                  new RouteConfiguration.VirtualHost(
                      "all",
                      List.of("*"),
                      List.of(
                          new RouteConfiguration.Route(
                              "all",
                              new RouteConfiguration.RouteMatch(
                                  new RouteConfiguration.PathMatch.Prefix("/"), List.of()),
                              new RouteConfiguration.RouteAction.Forward(
                                  weights,
                                  routeTimeout,
                                  RouteConfiguration.RetryPolicy.of(retries)))))));
      return new ProxyConfiguration(
          version,
          Map.of(LISTENER, listener(filter())),
          Map.of("routes", routes),
          clusters,
          assignments);
    }
  }

  public static Settings settings() {
    return new Settings();
  }

  private ProxyHarness(Settings settings) {
    this.settings = settings;
    this.configuration = settings.configuration(++version, settings.clusters);
    this.upstreams = new RoundRobinUpstreams(settings.upstreamTls);
    this.installer =
        new HttpConnectionManagerInstaller(
            group,
            () -> configuration,
            new PerEventLoop<>(group, loop -> upstreams),
            new PlainConnector(),
            requests,
            new Workload("web", "Deployment", "shop", "frontend", "web-1", "web", "v1"),
            Clock.systemUTC(),
            settings.limits,
            settings.memory,
            new ExportMonitor(new SimpleMeterRegistry(), System::nanoTime));
  }

  /** Replaces the endpoints of all clusters. */
  public void reconfigure(Map<String, List<InetSocketAddress>> endpoints) {
    configuration = settings.configuration(++version, endpoints);
  }

  /** Replaces the weights of the clusters that are there from the start. */
  public void weigh(Map<String, Long> weights) {
    settings.weights.clear();
    weights.forEach((name, weight) -> settings.weights.add(new WeightedCluster(name, weight)));
    configuration = settings.configuration(++version, settings.clusters);
  }

  /** Replaces the access policy, of connections that are open too. */
  public void enforce(AccessPolicy policy) {
    settings.policy(policy);
    configuration = settings.configuration(++version, settings.clusters);
  }

  /** Opens a port that speaks the protocol. */
  public InetSocketAddress listen(HttpProtocol protocol) throws InterruptedException {
    TerminalFilter.HttpConnectionManager filter = settings.filter();
    Channel server =
        new ServerBootstrap()
            .group(group)
            .channel(NioServerSocketChannel.class)
            .childOption(ChannelOption.AUTO_READ, false)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    downstream.add(channel);
                    channel.closeFuture().addListener(closed -> downstream.remove(channel));
                    installer.http(
                        channel,
                        settings.connection(
                            filter, channel.remoteAddress(), channel.localAddress()),
                        filter,
                        protocol);
                  }
                })
            .bind(InetAddress.getLoopbackAddress(), 0)
            .sync()
            .channel();
    servers.add(server);
    return (InetSocketAddress) server.localAddress();
  }

  public void drain() {
    tell(DrainNotice.INSTANCE);
  }

  public void putUnderPressure() {
    tell(PressureNotice.INSTANCE);
  }

  /** Returns when every connection has heard it. */
  private void tell(Object event) {
    downstream.forEach(channel ->
        channel
            .eventLoop()
            .submit(() -> channel.pipeline().fireUserEventTriggered(event))
            .syncUninterruptibly());
  }

  public int openDownstream() {
    return downstream.size();
  }

  public List<RequestReport> reports() {
    return requests.reports();
  }

  /** How often an endpoint was picked. */
  public int picks() {
    return upstreams.picks();
  }

  /** Requests that endpoints count as being carried now; zero when all is over. */
  public int load() {
    return upstreams.load();
  }

  @Override
  public void close() {
    for (Channel server : servers) {
      server.close().awaitUninterruptibly(5, TimeUnit.SECONDS);
    }
    group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
  }
}
