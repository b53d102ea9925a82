package dev.heddle.operator.resources;

import dev.heddle.crds.install.ComputeResources;
import dev.heddle.crds.install.PortRange;
import dev.heddle.crds.install.Proxy;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;

/**
 * The settings of a mesh that the adapter follows while it runs.
 *
 * @param trustDomain the SPIFFE trust domain
 * @param accessControl {@code permissive} or {@code enforced}
 * @param foreignTrafficTargets {@code refused} or {@code allowed}
 * @param metricsWindow the span of traffic metrics, as an ISO-8601 duration
 * @param proxy the proxies to inject
 */
record MeshConfiguration(
    String trustDomain,
    String accessControl,
    String foreignTrafficTargets,
    String metricsWindow,
    InjectedProxy proxy) {

  /** The key of the ConfigMap. */
  static final String KEY = "mesh.yaml";

  /**
   * The proxies to inject.
   *
   * @param image full reference of the image
   * @param imagePullPolicy when the kubelet pulls it
   * @param concurrency number of event loops
   * @param accessLog {@code off} or {@code json}
   * @param logLevel how much it logs
   * @param drainTimeoutSeconds time for requests in flight
   * @param resources compute resources
   * @param skipInboundPorts ports and ranges {@code a-b} not captured on the way in
   * @param skipOutboundPorts ports and ranges {@code a-b} not captured on the way out
   */
  record InjectedProxy(
      String image,
      String imagePullPolicy,
      int concurrency,
      String accessLog,
      String logLevel,
      int drainTimeoutSeconds,
      ComputeResources resources,
      List<String> skipInboundPorts,
      List<String> skipOutboundPorts) {}

  static MeshConfiguration of(Mesh mesh) {
    Proxy proxy = mesh.spec().proxy();
    return new MeshConfiguration(
        mesh.spec().trustDomain(),
        Mesh.text(mesh.spec().accessControl()),
        Mesh.text(mesh.spec().foreignTrafficTargets()),
        mesh.spec().metrics().window().toString(),
        new InjectedProxy(
            mesh.image(MeshObjects.PROXY),
            mesh.spec().images().pullPolicy().text(),
            proxy.concurrency(),
            Mesh.text(proxy.accessLog()),
            Mesh.text(proxy.logLevel()),
            proxy.drainTimeoutSeconds(),
            proxy.resources(),
            proxy.skipInboundPorts().stream().map(PortRange::toString).toList(),
            proxy.skipOutboundPorts().stream().map(PortRange::toString).toList()));
  }

  String toYaml() {
    return Serialization.asYaml(this);
  }
}
