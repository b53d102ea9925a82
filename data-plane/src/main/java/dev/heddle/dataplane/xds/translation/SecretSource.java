package dev.heddle.dataplane.xds.translation;

import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import java.util.Map;

/**
 * Where TLS contexts find what they name.
 *
 * @param secrets the bootstrap's static secrets by name; the names of {@link #WORKLOAD_CERTIFICATE}
 *     and {@link #TRUST_ANCHORS} mean the workload's own identity unless they are in here
 * @param files whether a data source may name a file; only a bootstrap's may, never what came over
 *     the network
 */
public record SecretSource(Map<String, Secret> secrets, boolean files) {

  /** SDS name of the certificate that the proxy itself holds. */
  public static final String WORKLOAD_CERTIFICATE = "workload-certificate";

  /** SDS name of the trust anchors that the proxy itself holds. */
  public static final String TRUST_ANCHORS = "trust-anchors";

  /** What comes from a control plane: the workload's identity and inline values only. */
  public static final SecretSource WORKLOAD = new SecretSource(Map.of(), false);

  public SecretSource {
    secrets = Map.copyOf(secrets);
  }
}
