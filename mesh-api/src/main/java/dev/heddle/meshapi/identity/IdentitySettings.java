package dev.heddle.meshapi.identity;

import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a workload needs to know to get its identity.
 *
 * @param certificateAuthorityAddress {@code host:port} of the CA
 * @param meshNamespace where the CA runs
 * @param id the identity that the workload expects to get
 * @param tokenFile a bound ServiceAccount token with the CA's audience; read anew for each request
 * @param trustAnchors what the CA is verified with at first; its answers keep them current
 *     afterwards
 * @param stateDirectory where the certificate is kept over restarts; null to keep it in memory only
 */
public record IdentitySettings(
    String certificateAuthorityAddress,
    String meshNamespace,
    SpiffeId id,
    Path tokenFile,
    List<X509Certificate> trustAnchors,
    @Nullable Path stateDirectory) {
  /** The ServiceAccount that the CA runs as. */
  public static final String CERTIFICATE_AUTHORITY_ACCOUNT = "heddle-ca";

  public IdentitySettings {
    trustAnchors = List.copyOf(trustAnchors);
    if (trustAnchors.isEmpty()) {
      throw new IllegalArgumentException("trust anchors: empty (expected: at least 1)");
    }
  }

  /** Who the CA must prove to be. */
  public SpiffeId certificateAuthorityId() {
    return SpiffeId.of(id.trustDomain(), meshNamespace, CERTIFICATE_AUTHORITY_ACCOUNT);
  }
}
