package dev.heddle.dataplane.xds.translation;

import dev.heddle.dataplane.config.DownstreamTls;
import dev.heddle.dataplane.config.TlsCertificate;
import dev.heddle.dataplane.config.UpstreamTls;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsParameters;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsParameters.TlsProtocol;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Transport sockets: TLS contexts in, what the proxy speaks out. */
final class TlsTranslator {

  private static final Set<String> COMMON_FIELDS =
      Set.of(
          "tls_params",
          "tls_certificates",
          "tls_certificate_sds_secret_configs",
          "validation_context",
          "validation_context_sds_secret_config",
          "combined_validation_context",
          "alpn_protocols");

  private final SecretSource secrets;

  TlsTranslator(SecretSource secrets) {
    this.secrets = secrets;
  }

  /** Null for plaintext. */
  @Nullable DownstreamTls downstream(TransportSocket socket, FieldPath path) {
    if (plaintext(socket, path)) {
      return null;
    }
    FieldPath at = path.field("typed_config");
    DownstreamTlsContext context =
        at.unpack(
            socket.getTypedConfig(),
            DownstreamTlsContext.class,
            DownstreamTlsContext.getDefaultInstance());
    at.allowOnly(
        context,
        Set.of("common_tls_context", "require_client_certificate"),
        Set.of("disable_stateless_session_resumption", "disable_stateful_session_resumption"));
    CommonTlsContext common = context.getCommonTlsContext();
    FieldPath commonAt = at.field("common_tls_context");
    Validation validation = validation(common, commonAt);
    if (!validation.subjectAlternativeNames().isEmpty()) {
      throw commonAt
          .field("validation_context")
          .invalid(
              validation.subjectAlternativeNames(),
              "no subject names; an RBAC filter decides on callers");
    }
    TlsCertificate certificate = certificate(common, validation, commonAt);
    if (certificate instanceof TlsCertificate.Static inline
        && inline.certificateChainPem().isEmpty()) {
      throw commonAt.field("tls_certificates").invalid("not set", "the listener's certificate");
    }
    return new DownstreamTls(
        certificate,
        context.getRequireClientCertificate().getValue(),
        List.copyOf(common.getAlpnProtocolsList()));
  }

  /** Null for plaintext. */
  @Nullable UpstreamTls upstream(TransportSocket socket, FieldPath path) {
    if (plaintext(socket, path)) {
      return null;
    }
    FieldPath at = path.field("typed_config");
    UpstreamTlsContext context =
        at.unpack(
            socket.getTypedConfig(),
            UpstreamTlsContext.class,
            UpstreamTlsContext.getDefaultInstance());
    at.allowOnly(context, Set.of("common_tls_context", "sni"), Set.of("max_session_keys"));
    CommonTlsContext common = context.getCommonTlsContext();
    FieldPath commonAt = at.field("common_tls_context");
    Validation validation = validation(common, commonAt);
    return new UpstreamTls(
        certificate(common, validation, commonAt),
        context.getSni(),
        validation.subjectAlternativeNames(),
        List.copyOf(common.getAlpnProtocolsList()));
  }

  private static boolean plaintext(TransportSocket socket, FieldPath path) {
    path.allowOnly(socket, Set.of("name", "typed_config"));
    if (FieldPath.holds(socket.getTypedConfig(), RawBuffer.getDefaultInstance())) {
      return true;
    }
    return !socket.hasTypedConfig()
        && socket.getName().equals("envoy.transport_sockets.raw_buffer");
  }

  private TlsCertificate certificate(
      CommonTlsContext common, Validation validation, FieldPath path) {
    path.allowOnly(common, COMMON_FIELDS);
    Shown shown = shown(common, path);
    boolean workload =
        shown instanceof Shown.Workload || validation.anchors() instanceof Anchors.Workload;
    parameters(common.getTlsParams(), workload, path.field("tls_params"));
    return switch (shown) {
      case Shown.Workload ignored ->
          switch (validation.anchors()) {
            case Anchors.Workload ignoredToo -> new TlsCertificate.Workload();
            case Anchors.Pem pem ->
                throw path.field("validation_context")
                    .invalid("trusted_ca", "the SDS secret " + SecretSource.TRUST_ANCHORS);
          };
      case Shown.Pem pem ->
          switch (validation.anchors()) {
            case Anchors.Pem anchors ->
                new TlsCertificate.Static(pem.chain(), pem.key(), anchors.pem());
            case Anchors.Workload ignored ->
                throw path.field("tls_certificates")
                    .invalid(
                        pem.chain().isEmpty() ? "not set" : "a certificate",
                        "the SDS secret " + SecretSource.WORKLOAD_CERTIFICATE);
          };
    };
  }

  /** The workload's identity speaks TLS 1.3 only; others 1.2 and 1.3. */
  private static void parameters(TlsParameters parameters, boolean workload, FieldPath path) {
    path.allowOnly(
        parameters, Set.of("tls_minimum_protocol_version", "tls_maximum_protocol_version"));
    TlsProtocol minimum = parameters.getTlsMinimumProtocolVersion();
    Set<TlsProtocol> minima =
        workload
            ? Set.of(TlsProtocol.TLS_AUTO, TlsProtocol.TLSv1_3)
            : Set.of(TlsProtocol.TLS_AUTO, TlsProtocol.TLSv1_2);
    if (!minima.contains(minimum)) {
      throw path.field("tls_minimum_protocol_version")
          .invalid(minimum, workload ? "TLSv1_3 or TLS_AUTO" : "TLSv1_2 or TLS_AUTO");
    }
    TlsProtocol maximum = parameters.getTlsMaximumProtocolVersion();
    if (maximum != TlsProtocol.TLS_AUTO && maximum != TlsProtocol.TLSv1_3) {
      throw path.field("tls_maximum_protocol_version").invalid(maximum, "TLSv1_3 or TLS_AUTO");
    }
  }

  /** The certificate that is shown to the peer. */
  private sealed interface Shown {
    record Workload() implements Shown {}

    record Pem(String chain, String key) implements Shown {
      static final Pem NONE = new Pem("", "");

      @Override
      public String toString() {
        return "Pem[private key withheld]";
      }
    }
  }

  /** What the peer's certificate must chain to. */
  private sealed interface Anchors {
    record Workload() implements Anchors {}

    record Pem(String pem) implements Anchors {
      static final Pem NONE = new Pem("");
    }
  }

  private record Validation(Anchors anchors, List<String> subjectAlternativeNames) {
    static final Validation NONE = new Validation(Anchors.Pem.NONE, List.of());
  }

  private Shown shown(CommonTlsContext common, FieldPath path) {
    int given = common.getTlsCertificatesCount() + common.getTlsCertificateSdsSecretConfigsCount();
    if (given > 1) {
      throw path.field("tls_certificates").invalid(given + " certificates", "one");
    }
    if (common.getTlsCertificatesCount() == 1) {
      return certificate(common.getTlsCertificates(0), path.element("tls_certificates", 0));
    }
    if (common.getTlsCertificateSdsSecretConfigsCount() == 0) {
      return Shown.Pem.NONE;
    }
    SdsSecretConfig config = common.getTlsCertificateSdsSecretConfigs(0);
    FieldPath at = path.element("tls_certificate_sds_secret_configs", 0);
    @Nullable Secret secret = secret(config, SecretSource.WORKLOAD_CERTIFICATE, at);
    if (secret == null) {
      return new Shown.Workload();
    }
    if (!secret.hasTlsCertificate()) {
      throw at.field("name").invalid(config.getName(), "a secret with a tls_certificate");
    }
    return certificate(
        secret.getTlsCertificate(),
        FieldPath.ROOT.field("secret " + config.getName()).field("tls_certificate"));
  }

  private Shown.Pem certificate(
      io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsCertificate certificate,
      FieldPath path) {
    path.allowOnly(certificate, Set.of("certificate_chain", "private_key"));
    return new Shown.Pem(
        data(certificate.getCertificateChain(), path.field("certificate_chain")),
        data(certificate.getPrivateKey(), path.field("private_key")));
  }

  private Validation validation(CommonTlsContext common, FieldPath path) {
    return switch (common.getValidationContextTypeCase()) {
      case VALIDATIONCONTEXTTYPE_NOT_SET -> Validation.NONE;
      case VALIDATION_CONTEXT ->
          validation(common.getValidationContext(), path.field("validation_context"));
      case VALIDATION_CONTEXT_SDS_SECRET_CONFIG ->
          validation(
              common.getValidationContextSdsSecretConfig(),
              path.field("validation_context_sds_secret_config"));
      case COMBINED_VALIDATION_CONTEXT -> {
        FieldPath at = path.field("combined_validation_context");
        CommonTlsContext.CombinedCertificateValidationContext combined =
            common.getCombinedValidationContext();
        at.allowOnly(
            combined, Set.of("default_validation_context", "validation_context_sds_secret_config"));
        Validation defaults =
            validation(
                combined.getDefaultValidationContext(), at.field("default_validation_context"));
        Validation secret =
            validation(
                combined.getValidationContextSdsSecretConfig(),
                at.field("validation_context_sds_secret_config"));
        List<String> names = new ArrayList<>(defaults.subjectAlternativeNames());
        names.addAll(secret.subjectAlternativeNames());
        yield new Validation(secret.anchors(), names);
      }
      case VALIDATION_CONTEXT_CERTIFICATE_PROVIDER,
          VALIDATION_CONTEXT_CERTIFICATE_PROVIDER_INSTANCE ->
          throw path.invalid(
              common.getValidationContextTypeCase(), "a validation context or an SDS secret");
    };
  }

  private Validation validation(SdsSecretConfig config, FieldPath path) {
    @Nullable Secret secret = secret(config, SecretSource.TRUST_ANCHORS, path);
    if (secret == null) {
      return new Validation(new Anchors.Workload(), List.of());
    }
    if (!secret.hasValidationContext()) {
      throw path.field("name").invalid(config.getName(), "a secret with a validation_context");
    }
    return validation(
        secret.getValidationContext(),
        FieldPath.ROOT.field("secret " + config.getName()).field("validation_context"));
  }

  private Validation validation(CertificateValidationContext context, FieldPath path) {
    path.allowOnly(context, Set.of("trusted_ca", "match_typed_subject_alt_names"));
    List<String> names = new ArrayList<>();
    for (int i = 0; i < context.getMatchTypedSubjectAltNamesCount(); i++) {
      SubjectAltNameMatcher matcher = context.getMatchTypedSubjectAltNames(i);
      FieldPath at = path.element("match_typed_subject_alt_names", i);
      at.allowOnly(matcher, Set.of("san_type", "matcher"));
      if (matcher.getSanType() != SubjectAltNameMatcher.SanType.URI) {
        throw at.field("san_type").invalid(matcher.getSanType(), "URI");
      }
      at.field("matcher").allowOnly(matcher.getMatcher(), Set.of("exact"));
      if (matcher.getMatcher().getExact().isEmpty()) {
        throw at.field("matcher").invalid(matcher.getMatcher(), "exact");
      }
      names.add(matcher.getMatcher().getExact());
    }
    return new Validation(
        new Anchors.Pem(
            context.hasTrustedCa() ? data(context.getTrustedCa(), path.field("trusted_ca")) : ""),
        names);
  }

  /** Null when the name means what the proxy itself holds. */
  private @Nullable Secret secret(SdsSecretConfig config, String own, FieldPath path) {
    path.allowOnly(config, Set.of("name"));
    @Nullable Secret secret = secrets.secrets().get(config.getName());
    if (secret == null && !config.getName().equals(own)) {
      List<String> known = new ArrayList<>(secrets.secrets().keySet());
      known.add(own);
      throw path.field("name").invalid(config.getName(), "one of " + known);
    }
    return secret;
  }

  private String data(DataSource source, FieldPath path) {
    path.allowOnly(source, Set.of("filename", "inline_bytes", "inline_string"));
    return switch (source.getSpecifierCase()) {
      case INLINE_STRING -> source.getInlineString();
      case INLINE_BYTES -> source.getInlineBytes().toStringUtf8();
      case FILENAME -> {
        if (!secrets.files()) {
          throw path.field("filename").invalid(source.getFilename(), "an inline value");
        }
        try {
          yield Files.readString(Path.of(source.getFilename()));
        } catch (IOException e) {
          throw path.field("filename")
              .invalid(source.getFilename(), "a readable file: " + e.getMessage());
        }
      }
      case ENVIRONMENT_VARIABLE, SPECIFIER_NOT_SET ->
          throw path.invalid(source.getSpecifierCase(), "filename or an inline value");
    };
  }
}
