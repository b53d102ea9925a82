package dev.heddle.dataplane.xds.translation;

import com.google.protobuf.Any;
import dev.heddle.dataplane.config.EndpointAssignment;
import dev.heddle.dataplane.config.Listener;
import dev.heddle.dataplane.config.RouteConfiguration;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;

/**
 * Envoy's resources to the proxy's own. Every method throws {@link InvalidResourceException} for
 * what cannot be honoured.
 */
public final class ResourceTranslator {

  private final ListenerTranslator listeners;
  private final ClusterTranslator clusters;

  public ResourceTranslator(SecretSource secrets) {
    TlsTranslator tls = new TlsTranslator(secrets);
    this.listeners = new ListenerTranslator(tls);
    this.clusters = new ClusterTranslator(tls);
  }

  /** The resource's own name must be the one it is known by. */
  public Listener listener(String name, Any resource) {
    var listener =
        FieldPath.ROOT.unpack(
            resource,
            io.envoyproxy.envoy.config.listener.v3.Listener.class,
            io.envoyproxy.envoy.config.listener.v3.Listener.getDefaultInstance());
    return listener(
        named(name, listener.getName(), "name", listener), FieldPath.of("listener", name));
  }

  public Listener listener(
      io.envoyproxy.envoy.config.listener.v3.Listener listener, FieldPath path) {
    return listeners.listener(listener, path);
  }

  public RouteConfiguration routes(String name, Any resource) {
    var routes =
        FieldPath.ROOT.unpack(
            resource,
            io.envoyproxy.envoy.config.route.v3.RouteConfiguration.class,
            io.envoyproxy.envoy.config.route.v3.RouteConfiguration.getDefaultInstance());
    return RouteTranslator.configuration(
        named(name, routes.getName(), "name", routes), FieldPath.of("routes", name));
  }

  public TranslatedCluster cluster(String name, Any resource) {
    Cluster cluster = FieldPath.ROOT.unpack(resource, Cluster.class, Cluster.getDefaultInstance());
    return cluster(named(name, cluster.getName(), "name", cluster), FieldPath.ROOT);
  }

  public TranslatedCluster cluster(Cluster cluster, FieldPath path) {
    return clusters.cluster(cluster, path);
  }

  public EndpointAssignment endpoints(String name, Any resource) {
    ClusterLoadAssignment assignment =
        FieldPath.ROOT.unpack(
            resource, ClusterLoadAssignment.class, ClusterLoadAssignment.getDefaultInstance());
    return EndpointTranslator.assignment(
        named(name, assignment.getClusterName(), "cluster_name", assignment),
        false,
        FieldPath.ROOT);
  }

  private static <M> M named(String expected, String actual, String field, M message) {
    if (!actual.equals(expected)) {
      throw FieldPath.ROOT.field(field).invalid('"' + actual + '"', '"' + expected + '"');
    }
    return message;
  }
}
