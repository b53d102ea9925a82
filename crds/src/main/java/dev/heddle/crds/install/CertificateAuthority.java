package dev.heddle.crds.install;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The certificate authority.
 *
 * @param replicas number of pods
 * @param resources compute resources of each
 * @param rootSecretName the user's own root; absent: one made by the certificate authority
 * @param certificateLifetime how long a workload's certificate is valid
 * @param intermediateLifetime how long the signing certificate is valid; more than {@code
 *     certificateLifetime}
 * @param rootLifetime how long a root made here is valid; more than {@code intermediateLifetime}
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record CertificateAuthority(
    Integer replicas,
    ComputeResources resources,
    @Nullable String rootSecretName,
    @JsonSerialize(using = DurationText.Serializer.class)
        @JsonDeserialize(using = DurationText.Deserializer.class)
        Duration certificateLifetime,
    @JsonSerialize(using = DurationText.Serializer.class)
        @JsonDeserialize(using = DurationText.Deserializer.class)
        Duration intermediateLifetime,
    @JsonSerialize(using = DurationText.Serializer.class)
        @JsonDeserialize(using = DurationText.Deserializer.class)
        Duration rootLifetime) {

  private static final int REPLICAS = 2;
  private static final ComputeResources RESOURCES = ComputeResources.of("50m", "128Mi", "256Mi");
  private static final Duration CERTIFICATE_LIFETIME = Duration.ofDays(1);
  private static final Duration INTERMEDIATE_LIFETIME = Duration.ofDays(365);
  private static final Duration ROOT_LIFETIME = Duration.ofDays(3650);

  /** Two pods, a root of its own, certificates of a day. */
  public static final CertificateAuthority DEFAULT =
      new CertificateAuthority(
          REPLICAS, RESOURCES, null, CERTIFICATE_LIFETIME, INTERMEDIATE_LIFETIME, ROOT_LIFETIME);

  public CertificateAuthority {
    replicas = Objects.requireNonNullElse(replicas, REPLICAS);
    resources = Objects.requireNonNullElse(resources, RESOURCES);
    certificateLifetime = Objects.requireNonNullElse(certificateLifetime, CERTIFICATE_LIFETIME);
    intermediateLifetime = Objects.requireNonNullElse(intermediateLifetime, INTERMEDIATE_LIFETIME);
    rootLifetime = Objects.requireNonNullElse(rootLifetime, ROOT_LIFETIME);
  }
}
