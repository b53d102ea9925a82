package dev.heddle.ca.signing;

import dev.heddle.meshapi.identity.MeshTls;
import dev.heddle.meshapi.identity.WorkloadCertificate;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;

/**
 * The gRPC server of the CA. Everything that a caller can make it do before it has proved who it is
 * has a bound: connections, the time of a handshake, calls at once, sizes, keep-alive, and how long
 * a connection may last.
 */
public final class CertificateServer implements AutoCloseable {
  /** The port of the CA. */
  public static final int PORT = 15012;

  private static final int MAX_CONNECTIONS = 1024;
  private static final int MAX_CALLS_PER_CONNECTION = 4;
  private static final int MAX_MESSAGE_BYTES = 16 * 1024;
  private static final int MAX_METADATA_BYTES = 16 * 1024;
  private static final int WINDOW_BYTES = 64 * 1024;
  private static final Duration HANDSHAKE_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration MAX_IDLE = Duration.ofSeconds(30);
  private static final Duration MAX_AGE = Duration.ofMinutes(2);
  private static final Duration GRACE = Duration.ofSeconds(10);
  private static final int REVIEW_THREADS = 16;
  private static final int MAX_WAITING = 512;

  private final Server server;
  private final ExecutorService executor;
  private final MultiThreadIoEventLoopGroup acceptors;
  private final MultiThreadIoEventLoopGroup workers;

  private CertificateServer(
      Server server,
      ExecutorService executor,
      MultiThreadIoEventLoopGroup acceptors,
      MultiThreadIoEventLoopGroup workers) {
    this.server = server;
    this.executor = executor;
    this.acceptors = acceptors;
    this.workers = workers;
  }

  /**
   * Binds the port and serves from now on.
   *
   * @param port 0 for any free one
   * @param identity what the server proves itself with; handshakes fail while it is empty
   * @param service made with the bounded executor it is to work on
   */
  public static CertificateServer start(
      int port,
      Supplier<Optional<WorkloadCertificate>> identity,
      Function<Executor, CertificateService> service)
      throws IOException {
    ThreadPoolExecutor executor =
        new ThreadPoolExecutor(
            REVIEW_THREADS,
            REVIEW_THREADS,
            30,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MAX_WAITING),
            Thread.ofPlatform().name("signing-", 0).factory());
    executor.allowCoreThreadTimeOut(true);
    MultiThreadIoEventLoopGroup acceptors =
        new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    MultiThreadIoEventLoopGroup workers =
        new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    Server server = server(port, identity, service.apply(executor), acceptors, workers).start();
    return new CertificateServer(server, executor, acceptors, workers);
  }

  public int port() {
    return server.getPort();
  }

  /** Lets calls in progress end, for a bounded time. */
  @Override
  public void close() {
    server.shutdown();
    try {
      if (!server.awaitTermination(GRACE.toSeconds(), TimeUnit.SECONDS)) {
        server.shutdownNow();
      }
    } catch (InterruptedException e) {
      server.shutdownNow();
      Thread.currentThread().interrupt();
    }
    executor.shutdownNow();
    // Their threads are not waited for: nothing is left to be answered.
    Future<?> _ = workers.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    Future<?> _ = acceptors.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  private static Server server(
      int port,
      Supplier<Optional<WorkloadCertificate>> identity,
      CertificateService service,
      MultiThreadIoEventLoopGroup acceptors,
      MultiThreadIoEventLoopGroup workers)
      throws SSLException {
    return NettyServerBuilder.forAddress(new InetSocketAddress(port))
        .channelFactory(CertificateServer::serverChannel)
        .bossEventLoopGroup(acceptors)
        .workerEventLoopGroup(workers)
        // Calls only hand over to the bounded executor, so the event loops may run them.
        .directExecutor()
        .sslContext(MeshTls.serverWithoutClientCertificates(identity))
        .handshakeTimeout(HANDSHAKE_TIMEOUT.toSeconds(), TimeUnit.SECONDS)
        .maxConcurrentCallsPerConnection(MAX_CALLS_PER_CONNECTION)
        .maxInboundMessageSize(MAX_MESSAGE_BYTES)
        .maxInboundMetadataSize(MAX_METADATA_BYTES)
        .flowControlWindow(WINDOW_BYTES)
        .permitKeepAliveTime(1, TimeUnit.MINUTES)
        .maxConnectionIdle(MAX_IDLE.toSeconds(), TimeUnit.SECONDS)
        .maxConnectionAge(MAX_AGE.toSeconds(), TimeUnit.SECONDS)
        .maxConnectionAgeGrace(GRACE.toSeconds(), TimeUnit.SECONDS)
        .intercept(new Authorization())
        .addService(service)
        .build();
  }

  private static ServerChannel serverChannel() {
    return new LimitedServerChannel(MAX_CONNECTIONS);
  }
}
