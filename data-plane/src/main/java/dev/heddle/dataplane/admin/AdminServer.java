package dev.heddle.dataplane.admin;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.heddle.meshapi.process.LogLevel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The admin pages, on loopback unless a bootstrap file says otherwise: {@code GET /config}, {@code
 * POST /drain}, {@code GET} and {@code POST /log?level=LEVEL}, {@code GET /readyz}, {@code GET
 * /metrics}. One thread, a bounded queue.
 */
public final class AdminServer implements AutoCloseable {

  private static final Logger LOGGER = LoggerFactory.getLogger(AdminServer.class);
  private static final int MAX_WAITING = 16;

  /**
   * What the pages show and do.
   *
   * @param configuration the page {@code /config}
   * @param drain begins to drain and returns at once
   * @param logLevel sets the level
   */
  public record Pages(
      Supplier<String> configuration,
      Readiness readiness,
      Supplier<String> metrics,
      Runnable drain,
      Consumer<LogLevel> logLevel) {}

  private final HttpServer server;
  private final ThreadPoolExecutor executor;
  private final Pages pages;
  private volatile LogLevel level;

  private AdminServer(HttpServer server, ThreadPoolExecutor executor, Pages pages, LogLevel level) {
    this.server = server;
    this.executor = executor;
    this.pages = pages;
    this.level = level;
  }

  /**
   * Binds and answers from now on.
   *
   * @param level the level of the start
   * @throws IOException if the address cannot be bound
   */
  public static AdminServer start(InetSocketAddress address, Pages pages, LogLevel level)
      throws IOException {
    ThreadPoolExecutor executor =
        new ThreadPoolExecutor(
            1,
            1,
            30,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MAX_WAITING),
            Thread.ofPlatform().name("admin").daemon().factory());
    executor.allowCoreThreadTimeOut(true);
    HttpServer server = HttpServer.create(address, MAX_WAITING);
    server.setExecutor(executor);
    AdminServer admin = new AdminServer(server, executor, pages, level);
    server.createContext("/", admin::handle);
    server.start();
    return admin;
  }

  public int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
    executor.shutdownNow();
  }

  private record Answer(int status, String type, String body) {
    static Answer text(int status, String body) {
      return new Answer(status, "text/plain; charset=utf-8", body);
    }
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      Answer answer;
      try {
        answer = answer(exchange);
      } catch (RuntimeException e) {
        LOGGER.error("The admin page {} failed", exchange.getRequestURI(), e);
        answer = Answer.text(500, "the page failed; the log says why\n");
      }
      byte[] bytes = answer.body().getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", answer.type());
      exchange.sendResponseHeaders(answer.status(), bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  private Answer answer(HttpExchange exchange) {
    String request = exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath();
    return switch (request) {
      case "GET /config" -> new Answer(200, "application/json", pages.configuration().get());
      case "GET /metrics" -> new Answer(200, "text/plain; version=0.0.4", pages.metrics().get());
      case "GET /livez" -> Answer.text(200, "ok\n");
      case "GET /readyz" -> readiness();
      case "GET /log" -> Answer.text(200, lower(level) + "\n");
      case "POST /log" -> setLevel(exchange.getRequestURI().getQuery());
      case "POST /drain" -> {
        pages.drain().run();
        yield Answer.text(202, "draining\n");
      }
      default ->
          Answer.text(
              404,
              "GET /config, GET /metrics, GET /livez, GET /readyz, GET /log,"
                  + " POST /log?level=LEVEL, POST /drain\n");
    };
  }

  private Answer readiness() {
    StringBuilder missing = new StringBuilder();
    pages
        .readiness()
        .checks()
        .forEach((name, check) ->
            check
                .missing()
                .ifPresent(why -> missing.append(name).append(": ").append(why).append('\n')));
    return missing.isEmpty() ? Answer.text(200, "ok\n") : Answer.text(503, missing.toString());
  }

  private Answer setLevel(@Nullable String query) {
    for (LogLevel candidate : LogLevel.values()) {
      if (("level=" + lower(candidate)).equals(query)) {
        level = candidate;
        pages.logLevel().accept(candidate);
        LOGGER.info("Log level {}", lower(candidate));
        return Answer.text(200, lower(candidate) + "\n");
      }
    }
    return Answer.text(
        400,
        query
            + " (expected: level= one of "
            + Arrays.stream(LogLevel.values()).map(AdminServer::lower).toList()
            + ")\n");
  }

  private static String lower(LogLevel level) {
    return level.name().toLowerCase(Locale.ROOT);
  }
}
