package dev.heddle.smiadapter.settings;

import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import java.util.Map;

/**
 * How injected proxies run.
 *
 * @param image full reference
 * @param imagePullPolicy when the kubelet pulls it
 * @param concurrency number of event loops
 * @param accessLog {@code off} or {@code json}
 * @param logLevel {@code error}, {@code warn}, {@code info} or {@code debug}
 * @param drainTimeoutSeconds time for requests in flight when the pod ends
 * @param requests compute resources asked for, by name
 * @param limits compute resources not exceeded, by name
 * @param skipInboundPorts not captured on the way in
 * @param skipOutboundPorts not captured on the way out
 */
public record ProxySettings(
    String image,
    String imagePullPolicy,
    int concurrency,
    String accessLog,
    String logLevel,
    int drainTimeoutSeconds,
    Map<String, Quantity> requests,
    Map<String, Quantity> limits,
    List<PortRange> skipInboundPorts,
    List<PortRange> skipOutboundPorts) {
  public ProxySettings {
    requests = Map.copyOf(requests);
    limits = Map.copyOf(limits);
    skipInboundPorts = List.copyOf(skipInboundPorts);
    skipOutboundPorts = List.copyOf(skipOutboundPorts);
  }
}
