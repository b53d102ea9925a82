package dev.heddle.dataplane.telemetry;

import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.config.TrafficDirection;
import dev.heddle.dataplane.config.Workload;
import dev.heddle.meshapi.identity.SpiffeId;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What tells one series of a metric from another, before it is spelled out in Istio's labels. Cheap
 * to make and to compare: one is made for every request.
 *
 * @param client the identity that the downstream peer proved; null on plaintext
 * @param code 0 for connections
 * @param flags null for none
 */
record TrafficLabels(
    TrafficDirection direction,
    Workload peer,
    @Nullable SpiffeId client,
    Cluster.@Nullable Destination destination,
    String protocol,
    int code,
    @Nullable ResponseFlag flags,
    boolean mutualTls) {

  private static final String UNKNOWN = "unknown";

  /**
   * The labels as Istio's standard metrics have them.
   *
   * @param self this proxy's workload
   * @param trustDomain of the identities that are known by their ServiceAccount only
   */
  Tags tags(Workload self, String trustDomain) {
    boolean outbound = direction == TrafficDirection.OUTBOUND;
    Workload source = outbound ? self : peer;
    Workload target = outbound ? peer : self;
    List<Tag> tags = new ArrayList<>(20);
    add(tags, "reporter", outbound ? "source" : "destination");
    addWorkload(tags, "source", source);
    add(tags, "source_principal", sourcePrincipal(outbound, self, trustDomain));
    addWorkload(tags, "destination", target);
    add(tags, "destination_principal", mutualTls ? principal(target, trustDomain) : UNKNOWN);
    String service = destination == null ? "" : destination.service();
    String namespace = destination == null ? "" : destination.namespace();
    add(
        tags,
        "destination_service",
        service.isEmpty() ? "" : service + "." + namespace + ".svc.cluster.local");
    add(tags, "destination_service_name", service);
    add(tags, "destination_service_namespace", namespace);
    add(tags, "request_protocol", protocol);
    if (code != 0) {
      add(tags, "response_code", Integer.toString(code));
    }
    add(tags, "response_flags", flags == null ? "-" : flags.code());
    add(tags, "connection_security_policy", security(outbound));
    return Tags.of(tags);
  }

  /** Only the receiving side can say it for sure; so says Istio. */
  private String security(boolean outbound) {
    if (outbound) {
      return UNKNOWN;
    }
    return mutualTls ? "mutual_tls" : "none";
  }

  private String sourcePrincipal(boolean outbound, Workload self, String trustDomain) {
    if (!mutualTls) {
      return UNKNOWN;
    }
    if (outbound) {
      return principal(self, trustDomain);
    }
    return client == null ? UNKNOWN : client.toString();
  }

  private static String principal(Workload workload, String trustDomain) {
    if (workload.namespace().isEmpty()
        || workload.serviceAccount().isEmpty()
        || trustDomain.isEmpty()) {
      return UNKNOWN;
    }
    return "spiffe://"
        + trustDomain
        + "/ns/"
        + workload.namespace()
        + "/sa/"
        + workload.serviceAccount();
  }

  private static void addWorkload(List<Tag> tags, String end, Workload workload) {
    add(tags, end + "_workload", workload.name());
    add(tags, end + "_workload_namespace", workload.namespace());
    add(tags, end + "_app", workload.app());
    add(tags, end + "_version", workload.version());
  }

  private static void add(List<Tag> tags, String name, String value) {
    tags.add(Tag.of(name, value.isEmpty() ? UNKNOWN : value));
  }
}
