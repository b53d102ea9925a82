package dev.heddle.dataplane.twin;

import dev.heddle.dataplane.http.harness.RawClient;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** Sends the requests of a case, each on a connection of its own. */
final class TwinClient {

  private static final int TIMEOUT_MILLIS = 10_000;

  private final Map<String, Integer> ports;

  /**
   * Makes one.
   *
   * @param ports of the apps, for requests that name them
   */
  TwinClient(Map<String, Integer> ports) {
    this.ports = ports;
  }

  /**
   * Sends a request and waits for what comes of it.
   *
   * @param id by which apps know it
   * @param number of the repetition
   */
  TwinResponse send(TwinCase.Request request, String id, int number, InetSocketAddress address)
      throws IOException, GeneralSecurityException {
    long start = System.nanoTime();
    try (RawClient client = connect(request, number, address)) {
      client.send(message(request, id, number));
      String text = client.response();
      long nanos = System.nanoTime() - start;
      return text.isBlank() ? TwinResponse.closed(nanos) : TwinResponse.parse(text, nanos);
    } catch (SocketException | SSLException e) {
      return TwinResponse.closed(System.nanoTime() - start);
    }
  }

  private RawClient connect(TwinCase.Request request, int number, InetSocketAddress address)
      throws IOException, GeneralSecurityException {
    Socket socket = new Socket();
    try {
      if (request.from() != null) {
        socket.bind(
            new InetSocketAddress(InetAddress.getByName(filled(request.from(), number)), 0));
      }
      socket.connect(address, TIMEOUT_MILLIS);
      socket.setSoTimeout(TIMEOUT_MILLIS);
      if (request.before() != null) {
        socket
            .getOutputStream()
            .write(filled(request.before(), number).getBytes(StandardCharsets.ISO_8859_1));
      }
      return new RawClient(
          request.serverName() == null ? socket : secured(socket, request.serverName()));
    } catch (IOException | GeneralSecurityException | RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  private static SSLSocket secured(Socket plain, String serverName)
      throws IOException, GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
    SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket(plain, "", plain.getPort(), true);
    SSLParameters parameters = socket.getSSLParameters();
    if (!serverName.isEmpty()) {
      parameters.setServerNames(List.of(new SNIHostName(serverName)));
    }
    socket.setSSLParameters(parameters);
    socket.startHandshake();
    return socket;
  }

  private String message(TwinCase.Request request, String id, int number) {
    StringBuilder head =
        new StringBuilder(or(request.method(), "GET"))
            .append(' ')
            .append(filled(or(request.path(), "/"), number))
            .append(" HTTP/1.1\r\nHost: ")
            .append(filled(or(request.host(), "shop.example"), number))
            .append("\r\n" + TwinApp.ID + ": ")
            .append(id)
            .append("\r\n");
    if (request.headers() != null) {
      request
          .headers()
          .forEach((name, value) ->
              head.append(name).append(": ").append(filled(value, number)).append("\r\n"));
    }
    String body = or(request.body(), "");
    if (!body.isEmpty()) {
      head.append("Content-Length: ").append(body.length()).append("\r\n");
    }
    return head + "\r\n" + body;
  }

  private static String or(@Nullable String value, String otherwise) {
    return value == null ? otherwise : value;
  }

  private String filled(String text, int number) {
    return TwinCase.withPorts(text, ports).replace("{n}", Integer.toString(number));
  }
}
