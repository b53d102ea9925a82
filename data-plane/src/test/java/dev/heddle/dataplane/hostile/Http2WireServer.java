package dev.heddle.dataplane.hostile;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** An HTTP/2 server that does with each connection exactly what a test says. */
final class Http2WireServer implements AutoCloseable {
  private final ServerSocket server;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final AtomicInteger connections = new AtomicInteger();

  /** Serves one connection, from its preface on. */
  @FunctionalInterface
  interface Behaviour {
    void serve(Http2Wire connection) throws IOException;
  }

  Http2WireServer(Behaviour behaviour) throws IOException {
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(() -> accept(behaviour));
  }

  private void accept(Behaviour behaviour) {
    try {
      while (true) {
        Socket socket = server.accept();
        sockets.add(socket);
        connections.incrementAndGet();
        Thread.ofVirtual().start(() -> serve(behaviour, socket));
      }
    } catch (IOException e) {
      // The test is over: the server socket was closed.
      return;
    }
  }

  private static void serve(Behaviour behaviour, Socket socket) {
    try (Http2Wire connection = new Http2Wire(socket)) {
      behaviour.serve(connection);
    } catch (IOException e) {
      // The proxy has closed the connection, which the test that cares about sees for itself.
      return;
    }
  }

  InetSocketAddress address() {
    return (InetSocketAddress) server.getLocalSocketAddress();
  }

  /** How many were opened so far. */
  int connections() {
    return connections.get();
  }

  /** Of all connections so far. */
  Set<Socket> sockets() {
    return sockets;
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
