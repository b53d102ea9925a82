package dev.heddle.smiadapter.xds;

import dev.heddle.meshapi.identity.CallerIdentity;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves resources to proxies over mutual TLS. */
public final class XdsServer implements AutoCloseable {

  /** The port of every adapter. */
  public static final int PORT = 15010;

  private static final Logger LOGGER = LoggerFactory.getLogger(XdsServer.class);
  private static final Duration DRAIN = Duration.ofSeconds(5);

  private final Server server;
  private final AggregatedDiscovery discovery;
  private final ScheduledExecutorService executor;
  private final ExecutorService calls;

  private XdsServer(
      Server server,
      AggregatedDiscovery discovery,
      ScheduledExecutorService executor,
      ExecutorService calls) {
    this.server = server;
    this.discovery = discovery;
    this.executor = executor;
    this.calls = calls;
  }

  /**
   * Starts to serve.
   *
   * @param port 0 for any free one
   * @param tls mutual TLS of the mesh
   * @param companions what else proxies are offered on the same connection
   * @throws IOException if the port cannot be bound
   */
  public static XdsServer start(
      int port,
      SslContext tls,
      ResourceStore store,
      XdsLimits limits,
      XdsMetrics metrics,
      RejectionListener rejections,
      List<BindableService> companions)
      throws IOException {
    ScheduledThreadPoolExecutor executor =
        new ScheduledThreadPoolExecutor(
            Runtime.getRuntime().availableProcessors(),
            Thread.ofPlatform().name("xds-push-", 0).daemon().factory());
    executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    // As many threads as can run: a thousand clients that answer at once would get as many of
    // gRPC's own. No more tasks wait than there are calls, of which each has one at a time.
    ExecutorService calls =
        Executors.newFixedThreadPool(
            Runtime.getRuntime().availableProcessors(),
            Thread.ofPlatform().name("xds-call-", 0).daemon().factory());
    AggregatedDiscovery discovery =
        new AggregatedDiscovery(
            store, CallerIdentity::current, limits, metrics, rejections, executor);
    NettyServerBuilder builder =
        NettyServerBuilder.forPort(port)
            .sslContext(tls)
            .executor(calls)
            .intercept(new CallerIdentity())
            .addService(discovery)
            .maxInboundMessageSize(limits.requestBytes())
            .maxConcurrentCallsPerConnection(4)
            .keepAliveTime(30, TimeUnit.SECONDS)
            .keepAliveTimeout(10, TimeUnit.SECONDS)
            .permitKeepAliveTime(10, TimeUnit.SECONDS)
            .permitKeepAliveWithoutCalls(true)
            .handshakeTimeout(10, TimeUnit.SECONDS)
            // gRPC varies the age of each connection by a tenth.
            .maxConnectionAge(limits.connectionAge().toMillis(), TimeUnit.MILLISECONDS)
            .maxConnectionAgeGrace(10, TimeUnit.SECONDS);
    companions.forEach(builder::addService);
    Server server = builder.build().start();
    LOGGER.info("Serving xDS on port {}", server.getPort());
    return new XdsServer(server, discovery, executor, calls);
  }

  /** The port it serves on. */
  public int port() {
    return server.getPort();
  }

  /** Tells the clients to go elsewhere, and ends. */
  @Override
  public void close() {
    server.shutdown();
    discovery.drain();
    try {
      if (!server.awaitTermination(DRAIN.toMillis(), TimeUnit.MILLISECONDS)) {
        LOGGER.warn("Connections are still open after {}", DRAIN);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    server.shutdownNow();
    executor.shutdownNow();
    calls.shutdown();
  }
}
