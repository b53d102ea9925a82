package dev.heddle.dataplane;

import static org.awaitility.Awaitility.await;

import dev.heddle.dataplane.bootstrap.BootstrapReader;
import dev.heddle.dataplane.bootstrap.StandaloneConfiguration;
import dev.heddle.dataplane.settings.ProcessSettings;
import dev.heddle.meshapi.process.LogLevel;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** A whole proxy on its own in the test's process, by the text of a bootstrap file. */
public final class BootstrappedProxy implements AutoCloseable {
  private final Proxy proxy;

  private BootstrappedProxy(Proxy proxy) {
    this.proxy = proxy;
  }

  /**
   * Starts a proxy; it serves when this returns.
   *
   * @param directory where the file is written
   */
  public static BootstrappedProxy start(Path directory, String bootstrap) throws Exception {
    StandaloneConfiguration configuration =
        BootstrapReader.read(Files.writeString(directory.resolve("bootstrap.yaml"), bootstrap));
    Proxy proxy =
        Proxy.standalone(
            new ProcessSettings(1, false, LogLevel.INFO, Duration.ZERO, 0, null), configuration);
    for (String listener : configuration.resources().listeners().keySet()) {
      await().until(() -> proxy.address(listener) != null);
    }
    return new BootstrappedProxy(proxy);
  }

  /**
   * A bootstrap with one listener, {@code web}, that passes all HTTP to an app.
   *
   * @param port of the listener; 0 for a free one
   */
  public static String beforeAnApp(int port, int appPort) {
    return """
    static_resources:
      listeners:
        - name: web
          address: {socket_address: {address: 127.0.0.1, port_value: %d}}
          filter_chains: [{filters: [{name: http, typed_config: {
            "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager,
            stat_prefix: web,
            route_config: {virtual_hosts: [{name: all, domains: ["*"], routes: [{match: {prefix: /}, route: {cluster: app}}]}]},
            http_filters: [{name: router, typed_config: {
              "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}}]}}]}]
      clusters:
        - name: app
          type: STATIC
          load_assignment: {cluster_name: app, endpoints: [{lb_endpoints: [{endpoint: {
            address: {socket_address: {address: 127.0.0.1, port_value: %d}}}}]}]}
    """
        .formatted(port, appPort);
  }

  public InetSocketAddress address(String listener) {
    InetSocketAddress address = proxy.address(listener);
    if (address == null) {
      throw new AssertionError(listener + " is not bound");
    }
    return address;
  }

  /** Finishes what is in flight. */
  public void drain() {
    proxy.drain();
  }

  /** As Prometheus reads them. */
  public String metrics() {
    return proxy.metrics();
  }

  @Override
  public void close() {
    proxy.close();
  }
}
