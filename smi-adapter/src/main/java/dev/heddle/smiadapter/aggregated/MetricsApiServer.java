package dev.heddle.smiadapter.aggregated;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509KeyManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTPS endpoint that the API server passes requests of the group on to. The JDK's server on
 * virtual threads, as for webhooks: HTTP/1.1 is all that the aggregator needs, and nothing is added
 * to the image. Its limits of connections and times are those set by {@link
 * dev.heddle.meshapi.process.HealthServer}, which the JDK holds for the whole process.
 */
public final class MetricsApiServer implements AutoCloseable {

  /** The container's port. */
  public static final int PORT = 15018;

  private static final Logger LOGGER = LoggerFactory.getLogger(MetricsApiServer.class);
  private static final int MAX_AT_ONCE = 64;
  private static final int BACKLOG = 128;
  private static final int GRACE_SECONDS = 2;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpsServer server;
  private final ExecutorService executor;

  private MetricsApiServer(HttpsServer server, ExecutorService executor) {
    this.server = server;
    this.executor = executor;
  }

  /**
   * Binds the port and answers from now on.
   *
   * @param port 0 for any free one
   * @param key what it proves itself with
   * @throws IOException if the port cannot be bound
   */
  static MetricsApiServer start(
      int port, X509KeyManager key, MetricsApi api, MeterRegistry registry) throws IOException {
    HttpsServer server = HttpsServer.create(new InetSocketAddress(port), BACKLOG);
    server.setHttpsConfigurator(new AskingForCertificates(context(key)));
    ExecutorService executor =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("metrics-api-", 0).factory());
    server.setExecutor(executor);
    Semaphore places = new Semaphore(MAX_AT_ONCE);
    server.createContext("/", exchange -> serve(exchange, api, registry, places));
    server.start();
    LOGGER.info("Serving {} on port {}", ApiPath.GROUP, server.getAddress().getPort());
    return new MetricsApiServer(server, executor);
  }

  /** The port it serves on. */
  public int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(GRACE_SECONDS);
    executor.shutdownNow();
  }

  private static void serve(
      HttpExchange exchange, MetricsApi api, MeterRegistry registry, Semaphore places)
      throws IOException {
    try (exchange) {
      Answer answer;
      if (places.tryAcquire()) {
        try {
          answer = answer(exchange, api);
        } finally {
          places.release();
        }
      } else {
        answer = Answer.of(ApiException.tooManyRequests());
      }
      registry
          .counter("heddle_metrics_api_requests", "code", Integer.toString(answer.code()))
          .increment();
      send(exchange, answer);
    }
  }

  private static Answer answer(HttpExchange exchange, MetricsApi api) {
    try {
      String query = exchange.getRequestURI().getRawQuery();
      return api.answer(
          new ApiRequest(
              exchange.getRequestMethod(),
              exchange.getRequestURI().getPath(),
              ApiRequest.query(query == null ? "" : query),
              exchange.getRequestHeaders(),
              chain(exchange)));
    } catch (ApiException e) {
      return Answer.of(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Answer.of(ApiException.unavailable("the adapter is ending"));
    } catch (RuntimeException e) {
      LOGGER.error("{} could not be answered", exchange.getRequestURI(), e);
      return Answer.of(ApiException.internal("the request could not be answered"));
    }
  }

  private static List<X509Certificate> chain(HttpExchange exchange) {
    if (!(exchange instanceof HttpsExchange secure)) {
      return List.of();
    }
    try {
      Certificate[] certificates = secure.getSSLSession().getPeerCertificates();
      return Arrays.stream(certificates)
          .filter(X509Certificate.class::isInstance)
          .map(X509Certificate.class::cast)
          .toList();
    } catch (SSLPeerUnverifiedException _) {
      return List.of();
    }
  }

  private static void send(HttpExchange exchange, Answer answer) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", answer.contentType());
    exchange.getResponseHeaders().set("Cache-Control", "no-cache, private");
    if (!answer.warning().isEmpty()) {
      exchange.getResponseHeaders().set("Warning", "299 heddle \"" + answer.warning() + "\"");
    }
    if (answer.code() == 429) {
      exchange.getResponseHeaders().set("Retry-After", "1");
    }
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.sendResponseHeaders(answer.code(), -1);
      return;
    }
    byte[] body = JSON.writeValueAsBytes(answer.body());
    exchange.sendResponseHeaders(answer.code(), body.length);
    exchange.getResponseBody().write(body);
  }

  private static SSLContext context(X509KeyManager key) throws IOException {
    try {
      SSLContext context = SSLContext.getInstance("TLSv1.3");
      context.init(new KeyManager[] {key}, new TrustManager[] {new AnyClientCertificate()}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }

  private static final class AskingForCertificates extends HttpsConfigurator {
    AskingForCertificates(SSLContext context) {
      super(context);
    }

    @Override
    public void configure(HttpsParameters parameters) {
      SSLParameters tls = getSSLContext().getDefaultSSLParameters();
      tls.setProtocols(new String[] {"TLSv1.3"});
      tls.setWantClientAuth(true);
      parameters.setSSLParameters(tls);
    }
  }
}
