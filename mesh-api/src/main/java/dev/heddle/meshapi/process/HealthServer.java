package dev.heddle.meshapi.process;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code /livez}, {@code /readyz} and {@code /metrics} over plain HTTP. {@code /readyz} answers 503
 * and one line per missing thing while something is missing. Threads, queue, connections and the
 * time of one request are bounded: what is above is closed, so that whoever reaches the port cannot
 * hold the process.
 */
public final class HealthServer implements AutoCloseable {
  /** The port of every pod of Heddle. */
  public static final int PORT = 15020;

  private static final Logger LOGGER = LoggerFactory.getLogger(HealthServer.class);
  private static final int MAX_THREADS = 2;
  private static final int MAX_WAITING = 32;
  private static final int BACKLOG = 32;

  static {
    // The JDK's server takes these only as system properties, and reads them once, with its first
    // instance.
    Map.of(
            "sun.net.httpserver.maxReqTime", "5",
            "sun.net.httpserver.maxRspTime", "10",
            "sun.net.httpserver.idleInterval", "30",
            "jdk.httpserver.maxConnections", "256")
        .forEach((name, value) -> {
          if (System.getProperty(name) == null) {
            System.setProperty(name, value);
          }
        });
  }

  private final HttpServer server;
  private final ThreadPoolExecutor executor;

  private HealthServer(HttpServer server, ThreadPoolExecutor executor) {
    this.server = server;
    this.executor = executor;
  }

  /**
   * Binds the port on all addresses and answers from now on.
   *
   * @param port 0 for any free one
   * @param liveness what must hold lest the kubelet restarts the process
   * @param readiness what must hold before traffic is sent here, by name
   * @param metrics the page in the Prometheus text format
   * @throws IOException if the port cannot be bound
   */
  public static HealthServer start(
      int port,
      Map<String, ReadinessCheck> liveness,
      Map<String, ReadinessCheck> readiness,
      Supplier<String> metrics)
      throws IOException {
    ThreadPoolExecutor executor =
        new ThreadPoolExecutor(
            MAX_THREADS,
            MAX_THREADS,
            30,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MAX_WAITING),
            Thread.ofPlatform().name("health-", 0).daemon().factory());
    executor.allowCoreThreadTimeOut(true);
    HttpServer server = HttpServer.create(new InetSocketAddress(port), BACKLOG);
    server.setExecutor(executor);
    Map<String, ReadinessCheck> live = Collections.unmodifiableMap(new LinkedHashMap<>(liveness));
    Map<String, ReadinessCheck> ready = Collections.unmodifiableMap(new LinkedHashMap<>(readiness));
    server.createContext("/livez", exchange -> answerChecks(exchange, live));
    server.createContext("/readyz", exchange -> answerChecks(exchange, ready));
    server.createContext("/metrics", exchange -> answerMetrics(exchange, metrics));
    server.start();
    return new HealthServer(server, executor);
  }

  public int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
    executor.shutdownNow();
  }

  private static void answerChecks(HttpExchange exchange, Map<String, ReadinessCheck> checks)
      throws IOException {
    StringBuilder missing = new StringBuilder();
    checks.forEach((name, check) ->
        ask(name, check)
            .ifPresent(why -> missing.append(name).append(": ").append(why).append('\n')));
    boolean holds = missing.isEmpty();
    answer(exchange, holds ? 200 : 503, "text/plain", holds ? "ok\n" : missing.toString());
  }

  private static Optional<String> ask(String name, ReadinessCheck check) {
    try {
      return check.missing();
    } catch (RuntimeException e) {
      LOGGER.error("The check {} failed", name, e);
      return Optional.of("the check failed: " + e);
    }
  }

  private static void answerMetrics(HttpExchange exchange, Supplier<String> metrics)
      throws IOException {
    String page;
    try {
      page = metrics.get();
    } catch (RuntimeException e) {
      LOGGER.error("The metrics cannot be rendered", e);
      answer(exchange, 500, "text/plain", "the metrics cannot be rendered\n");
      return;
    }
    answer(exchange, 200, "text/plain; version=0.0.4", page);
  }

  private static void answer(HttpExchange exchange, int status, String type, String body)
      throws IOException {
    try (exchange) {
      String method = exchange.getRequestMethod();
      boolean head = method.equals("HEAD");
      if (!head && !method.equals("GET")) {
        exchange.getResponseHeaders().set("Allow", "GET, HEAD");
        exchange.sendResponseHeaders(405, -1);
        return;
      }
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", type + "; charset=utf-8");
      exchange.sendResponseHeaders(status, head ? -1 : bytes.length);
      if (!head) {
        exchange.getResponseBody().write(bytes);
      }
    }
  }
}
