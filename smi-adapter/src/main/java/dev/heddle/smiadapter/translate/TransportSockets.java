package dev.heddle.smiadapter.translate;

import com.google.protobuf.BoolValue;
import com.google.protobuf.Message;
import dev.heddle.meshapi.identity.SpiffeId;
import dev.heddle.smiadapter.resources.Packing;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext.CombinedCertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsParameters;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import java.util.List;

/**
 * TLS between proxies. The secrets are named without saying where they come from: each proxy holds
 * its own, and nobody else's key ever leaves its pod.
 */
final class TransportSockets {

  /** What a proxy's client asks for, so that its peer tells the mesh's TLS from the app's own. */
  static final String SERVER_NAME = "mesh.heddle.internal";

  private static final SdsSecretConfig CERTIFICATE = secret("workload-certificate");
  private static final SdsSecretConfig TRUST_ANCHORS = secret("trust-anchors");

  private TransportSockets() {}

  /** For connections to the workload of this identity, and to no other. */
  static TransportSocket toWorkload(SpiffeId identity) {
    SubjectAltNameMatcher sameIdentity =
        SubjectAltNameMatcher.newBuilder()
            .setSanType(SubjectAltNameMatcher.SanType.URI)
            .setMatcher(StringMatcher.newBuilder().setExact(identity.toString()))
            .build();
    CommonTlsContext common =
        common()
            .setCombinedValidationContext(
                CombinedCertificateValidationContext.newBuilder()
                    .setDefaultValidationContext(
                        CertificateValidationContext.newBuilder()
                            .addMatchTypedSubjectAltNames(sameIdentity))
                    .setValidationContextSdsSecretConfig(TRUST_ANCHORS))
            .build();
    return tls(
        UpstreamTlsContext.newBuilder().setCommonTlsContext(common).setSni(SERVER_NAME).build());
  }

  /** For connections from any workload of the mesh, which has to prove its identity. */
  static TransportSocket fromWorkloads(List<String> applicationProtocols) {
    CommonTlsContext common =
        common()
            .addAllAlpnProtocols(applicationProtocols)
            .setValidationContextSdsSecretConfig(TRUST_ANCHORS)
            .build();
    return tls(
        DownstreamTlsContext.newBuilder()
            .setCommonTlsContext(common)
            .setRequireClientCertificate(BoolValue.of(true))
            .build());
  }

  private static CommonTlsContext.Builder common() {
    return CommonTlsContext.newBuilder()
        .setTlsParams(
            TlsParameters.newBuilder()
                .setTlsMinimumProtocolVersion(TlsParameters.TlsProtocol.TLSv1_3)
                .setTlsMaximumProtocolVersion(TlsParameters.TlsProtocol.TLSv1_3))
        .addTlsCertificateSdsSecretConfigs(CERTIFICATE);
  }

  private static TransportSocket tls(Message context) {
    return TransportSocket.newBuilder()
        .setName("envoy.transport_sockets.tls")
        .setTypedConfig(Packing.pack(context))
        .build();
  }

  private static SdsSecretConfig secret(String name) {
    return SdsSecretConfig.newBuilder().setName(name).build();
  }
}
