package dev.heddle.dataplane.twin;

import dev.heddle.dataplane.loopback.RefusingPort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/** The apps of a case; they stay where they are while one proxy after the other stands in front. */
final class TwinApps implements AutoCloseable {

  private final TwinCase twin;
  private final RefusingPort refusing = new RefusingPort();
  private final Map<String, TwinApp> apps = new TreeMap<>();
  private final Map<String, Integer> ports = new HashMap<>();

  private TwinApps(TwinCase twin) {
    this.twin = twin;
  }

  /**
   * Starts them.
   *
   * @param sockets for apps that speak TLS
   */
  static TwinApps start(TwinCase twin, TlsSockets sockets) throws IOException {
    TwinApps started = new TwinApps(twin);
    try {
      started.ports.put(TwinCase.CLOSED, started.refusing.port());
      for (String name : twin.apps()) {
        ServerSocket socket =
            twin.tls().contains(name)
                ? sockets.open()
                : new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        TwinApp app = new TwinApp(name, socket);
        started.apps.put(name, app);
        started.ports.put(name, app.port());
      }
      return started;
    } catch (IOException | RuntimeException e) {
      started.close();
      throw e;
    }
  }

  /** Opens sockets of apps that speak TLS. */
  @FunctionalInterface
  interface TlsSockets {
    ServerSocket open() throws IOException;
  }

  Map<String, Integer> ports() {
    return ports;
  }

  /** As if all had just been started. */
  void forget() {
    apps.forEach((name, app) -> {
      app.forget();
      app.answer("", twin.unasked().getOrDefault(name, List.of()));
    });
  }

  TwinApp named(String name) {
    return Objects.requireNonNull(apps.get(name), name);
  }

  void forEach(BiConsumer<String, TwinApp> action) {
    apps.forEach(action);
  }

  @Override
  public void close() throws IOException {
    refusing.close();
    for (TwinApp app : apps.values()) {
      app.close();
    }
  }
}
