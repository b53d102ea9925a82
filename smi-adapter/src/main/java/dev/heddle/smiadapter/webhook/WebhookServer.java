package dev.heddle.smiadapter.webhook;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves webhooks over TLS 1.3.
 *
 * <p>It is the JDK's server on virtual threads: small requests, from the API server alone, over
 * HTTP/1.1, need no more, and nothing is added to the image. Its limits of connections and times
 * are those set by {@link dev.heddle.meshapi.process.HealthServer}, which the JDK holds for the
 * whole process.
 */
public final class WebhookServer implements AutoCloseable {
  /** The container's port. */
  public static final int PORT = 15017;

  private static final Logger LOGGER = LoggerFactory.getLogger(WebhookServer.class);

  /** etcd holds no object above 1.5 MB; a review carries it at most twice. */
  private static final int MAX_BYTES = 3 * 1024 * 1024;

  /** Reviews in memory at once; more wait, for less time than the API server does. */
  private static final int MAX_AT_ONCE = 64;

  private static final Duration MAX_WAIT = Duration.ofSeconds(2);
  private static final int BACKLOG = 128;
  private static final int GRACE_SECONDS = 5;

  private final HttpsServer server;
  private final ExecutorService executor;
  private final ReloadedKey key;

  private WebhookServer(HttpsServer server, ExecutorService executor, ReloadedKey key) {
    this.server = server;
    this.executor = executor;
    this.key = key;
  }

  /**
   * Binds the port and answers from now on; handshakes fail until the certificate is there.
   *
   * @param port 0 for any free one
   * @param certificateDirectory with {@code tls.crt} and {@code tls.key}
   * @param endpoints by their paths
   * @throws IOException if the port cannot be bound
   */
  public static WebhookServer start(
      int port, Path certificateDirectory, Map<String, WebhookEndpoint> endpoints)
      throws IOException {
    ReloadedKey key = new ReloadedKey(certificateDirectory);
    HttpsServer server = HttpsServer.create(new InetSocketAddress(port), BACKLOG);
    server.setHttpsConfigurator(new Tls13(context(key)));
    ExecutorService executor =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("webhook-", 0).factory());
    server.setExecutor(executor);
    Semaphore places = new Semaphore(MAX_AT_ONCE);
    endpoints.forEach((path, endpoint) ->
        server.createContext(path, exchange -> serve(exchange, endpoint, places)));
    server.start();
    return new WebhookServer(server, executor, key);
  }

  public int port() {
    return server.getAddress().getPort();
  }

  /** Why nothing can be served yet; empty if it can. */
  public Optional<String> missing() {
    return key.missing();
  }

  @Override
  public void close() {
    server.stop(GRACE_SECONDS);
    executor.shutdownNow();
  }

  private static void serve(HttpExchange exchange, WebhookEndpoint endpoint, Semaphore places)
      throws IOException {
    try (exchange) {
      if (!exchange.getRequestMethod().equals("POST")) {
        exchange.getResponseHeaders().set("Allow", "POST");
        exchange.sendResponseHeaders(405, -1);
        return;
      }
      if (!hasPlace(places)) {
        endpoint.failed();
        exchange.sendResponseHeaders(503, -1);
        return;
      }
      try {
        review(exchange, endpoint);
      } finally {
        places.release();
      }
    }
  }

  private static boolean hasPlace(Semaphore places) {
    try {
      return places.tryAcquire(MAX_WAIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      // The server ends.
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static void review(HttpExchange exchange, WebhookEndpoint endpoint) throws IOException {
    byte[] body = exchange.getRequestBody().readNBytes(MAX_BYTES + 1);
    if (body.length > MAX_BYTES) {
      endpoint.failed();
      answer(exchange, 413, "the review is larger than " + MAX_BYTES + " bytes");
      return;
    }
    byte[] response;
    try {
      response = endpoint.answer(body);
    } catch (IOException e) {
      endpoint.failed();
      LOGGER.warn("A review could not be read", e);
      answer(exchange, 400, String.valueOf(e.getMessage()));
      return;
    } catch (RuntimeException e) {
      endpoint.failed();
      LOGGER.error("A review failed at {}", exchange.getRequestURI(), e);
      answer(exchange, 500, "the object could not be reviewed");
      return;
    }
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, response.length);
    exchange.getResponseBody().write(response);
  }

  private static void answer(HttpExchange exchange, int status, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private static SSLContext context(ReloadedKey key) throws IOException {
    try {
      SSLContext context = SSLContext.getInstance("TLSv1.3");
      context.init(new KeyManager[] {key}, null, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }

  private static final class Tls13 extends HttpsConfigurator {
    Tls13(SSLContext context) {
      super(context);
    }

    @Override
    public void configure(HttpsParameters parameters) {
      SSLParameters tls = getSSLContext().getDefaultSSLParameters();
      tls.setProtocols(new String[] {"TLSv1.3"});
      parameters.setSSLParameters(tls);
    }
  }
}
