package dev.heddle.dataplane;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;

/** An app that counts how often each request, told by its id, was delivered to it. */
final class CountingApp implements AutoCloseable {
  static final String ID = "x-id";

  private final HttpServer server;
  private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, Integer> deliveries = new ConcurrentHashMap<>();

  /**
   * Starts the app.
   *
   * @param work how long it is busy with each request
   */
  CountingApp(Duration work) throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 256);
    server.setExecutor(workers);
    server.createContext(
        "/",
        exchange -> {
          deliveries.merge(
              String.valueOf(exchange.getRequestHeaders().getFirst(ID)), 1, Integer::sum);
          exchange.getRequestBody().readAllBytes();
          LockSupport.parkNanos(work.toNanos());
          exchange.sendResponseHeaders(200, 2);
          exchange.getResponseBody().write(new byte[] {'o', 'k'});
          exchange.close();
        });
    server.start();
  }

  int port() {
    return server.getAddress().getPort();
  }

  int deliveries(String id) {
    return deliveries.getOrDefault(id, 0);
  }

  @Override
  public void close() {
    server.stop(0);
    workers.shutdownNow();
  }
}
