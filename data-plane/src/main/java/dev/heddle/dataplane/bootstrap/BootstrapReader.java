package dev.heddle.dataplane.bootstrap;

import dev.heddle.dataplane.bootstrap.StandaloneConfiguration.ControlPlane;
import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.config.EndpointAssignment;
import dev.heddle.dataplane.config.Listener;
import dev.heddle.dataplane.config.ProxyConfiguration;
import dev.heddle.dataplane.xds.References;
import dev.heddle.dataplane.xds.translation.AddressTranslator;
import dev.heddle.dataplane.xds.translation.FieldPath;
import dev.heddle.dataplane.xds.translation.InvalidResourceException;
import dev.heddle.dataplane.xds.translation.ResourceTranslator;
import dev.heddle.dataplane.xds.translation.SecretSource;
import dev.heddle.dataplane.xds.translation.TranslatedCluster;
import dev.heddle.dataplane.xds.translation.TranslatedCluster.EndpointSource;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An Envoy bootstrap file to what the proxy serves. */
public final class BootstrapReader {

  private static final long MAX_FILE_SIZE = 16 << 20;

  private static final Set<String> SUPPORTED =
      Set.of("node", "static_resources", "dynamic_resources", "admin");

  /** Fields that tune Envoy's own process. */
  private static final Set<String> TOLERATED =
      Set.of(
          "layered_runtime",
          "overload_manager",
          "stats_config",
          "stats_flush_interval",
          "watchdog",
          "watchdogs",
          "enable_dispatcher_stats",
          "application_log_config");

  private BootstrapReader() {}

  /**
   * Reads and checks the whole file.
   *
   * @throws InvalidBootstrapException if it cannot be read or served; the message begins with the
   *     file
   */
  public static StandaloneConfiguration read(Path file) throws InvalidBootstrapException {
    try {
      long size = Files.size(file);
      if (size > MAX_FILE_SIZE) {
        throw new InvalidBootstrapException(
            size + " bytes (expected: at most " + MAX_FILE_SIZE + ")");
      }
      return translate(BootstrapParser.parse(Files.readString(file)));
    } catch (NoSuchFileException e) {
      throw new InvalidBootstrapException(file + ": no such file");
    } catch (IOException e) {
      throw new InvalidBootstrapException(file + ": cannot be read: " + e.getMessage());
    } catch (InvalidBootstrapException | InvalidResourceException e) {
      throw new InvalidBootstrapException(file + ": " + e.getMessage());
    }
  }

  private static StandaloneConfiguration translate(Bootstrap bootstrap) {
    FieldPath.ROOT.allowOnly(bootstrap, SUPPORTED, TOLERATED);
    SecretSource secrets = secrets(bootstrap);
    ResourceTranslator translator = new ResourceTranslator(secrets);
    FieldPath path = FieldPath.ROOT.field("static_resources");

    Map<String, Cluster> clusters = new HashMap<>();
    Map<String, EndpointAssignment> endpoints = new HashMap<>();
    boolean dynamic = bootstrap.hasDynamicResources();
    for (int i = 0; i < bootstrap.getStaticResources().getClustersCount(); i++) {
      FieldPath at = path.element("clusters", i);
      TranslatedCluster translated =
          translator.cluster(bootstrap.getStaticResources().getClusters(i), at);
      String name = translated.cluster().name();
      if (clusters.put(name, translated.cluster()) != null) {
        throw at.field("name").invalid(name, "a name that no other cluster has");
      }
      switch (translated.endpoints()) {
        case EndpointSource.Inline inline -> endpoints.put(name, inline.assignment());
        case EndpointSource.Named _ ->
            throw at.field("type")
                .invalid("EDS", "STATIC, STRICT_DNS or ORIGINAL_DST for a static cluster");
      }
    }
    Map<String, Listener> listeners = new HashMap<>();
    for (int i = 0; i < bootstrap.getStaticResources().getListenersCount(); i++) {
      FieldPath at = path.element("listeners", i);
      Listener listener = translator.listener(bootstrap.getStaticResources().getListeners(i), at);
      String name =
          listener.name().isEmpty()
              ? NetUtil.toSocketAddressString(listener.address())
              : listener.name();
      if (listeners.put(name, named(listener, name)) != null) {
        throw at.field("name").invalid(name, "a name that no other listener has");
      }
      checkReferences(listener, clusters.keySet(), at);
    }
    @Nullable ControlPlane controlPlane =
        dynamic ? DynamicResources.controlPlane(bootstrap, clusters, endpoints) : null;
    if (listeners.isEmpty() && controlPlane == null) {
      throw path.field("listeners").invalid("[]", "at least one listener, or dynamic_resources");
    }
    return new StandaloneConfiguration(
        new ProxyConfiguration(0, listeners, Map.of(), clusters, endpoints),
        secrets,
        admin(bootstrap),
        controlPlane);
  }

  private static Listener named(Listener listener, String name) {
    return new Listener(
        name,
        listener.address(),
        listener.direction(),
        listener.bindToPort(),
        listener.useOriginalDestination(),
        listener.detectHttp(),
        listener.detectTls(),
        listener.proxyProtocol(),
        listener.filterChains(),
        listener.defaultFilterChain());
  }

  private static void checkReferences(Listener listener, Set<String> clusters, FieldPath path) {
    References references = References.of(listener);
    if (!references.routes().isEmpty()) {
      throw path.invalid(
          "rds " + references.routes(), "route_config: a static listener has its routes inline");
    }
    for (String cluster : references.clusters()) {
      if (!clusters.contains(cluster)) {
        throw path.invalid(
            "cluster \"" + cluster + '"', "one of static_resources.clusters: " + clusters);
      }
    }
  }

  private static SecretSource secrets(Bootstrap bootstrap) {
    Map<String, Secret> secrets = new HashMap<>();
    for (Secret secret : bootstrap.getStaticResources().getSecretsList()) {
      secrets.put(secret.getName(), secret);
    }
    return new SecretSource(secrets, true);
  }

  private static @Nullable InetSocketAddress admin(Bootstrap bootstrap) {
    FieldPath path = FieldPath.ROOT.field("admin");
    path.allowOnly(
        bootstrap.getAdmin(),
        Set.of("address"),
        Set.of("profile_path", "ignore_global_conn_limit"));
    return bootstrap.getAdmin().hasAddress()
        ? AddressTranslator.resolved(bootstrap.getAdmin().getAddress(), path.field("address"))
        : null;
  }
}
