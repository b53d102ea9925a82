package dev.heddle.dataplane.settings;

import dev.heddle.dataplane.config.Workload;
import dev.heddle.meshapi.identity.SpiffeId;
import dev.heddle.meshapi.process.Environment;
import dev.heddle.meshapi.process.InvalidSettingException;
import io.netty.util.NetUtil;
import java.net.InetAddress;

/**
 * The pod that a sidecar serves.
 *
 * @param id the identity of its ServiceAccount
 * @param workload for metrics
 */
public record PodSettings(InetAddress ip, SpiffeId id, Workload workload) {

  static PodSettings from(Environment environment) {
    String pod = environment.required("HEDDLE_POD_NAME", "the name of this pod");
    String namespace = environment.required("HEDDLE_POD_NAMESPACE", "the namespace of this pod");
    String account =
        environment.required("HEDDLE_SERVICE_ACCOUNT", "the ServiceAccount of this pod");
    String ip = environment.required("HEDDLE_POD_IP", "the IP address of this pod");
    InetAddress address = NetUtil.createInetAddressFromIpAddressString(ip);
    if (address == null) {
      throw new InvalidSettingException("HEDDLE_POD_IP", ip, "an IP address");
    }
    String trustDomain =
        environment.required("HEDDLE_TRUST_DOMAIN", "the trust domain of the mesh");
    SpiffeId id;
    try {
      id = SpiffeId.of(trustDomain, namespace, account);
    } catch (IllegalArgumentException e) {
      throw new InvalidSettingException(
          "HEDDLE_TRUST_DOMAIN, HEDDLE_POD_NAMESPACE, HEDDLE_SERVICE_ACCOUNT",
          trustDomain + ", " + namespace + ", " + account,
          "the parts of a SPIFFE id: " + e.getMessage());
    }
    return new PodSettings(
        address,
        id,
        new Workload(
            environment.text("HEDDLE_WORKLOAD", pod),
            environment.text("HEDDLE_WORKLOAD_KIND", "Pod"),
            namespace,
            account,
            pod,
            environment.text("HEDDLE_APP", ""),
            environment.text("HEDDLE_VERSION", "")));
  }

  public String name() {
    return workload.pod();
  }

  public String namespace() {
    return workload.namespace();
  }
}
