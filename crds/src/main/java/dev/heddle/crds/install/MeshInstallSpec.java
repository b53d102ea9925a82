package dev.heddle.crds.install;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Objects;

/**
 * The mesh that is wanted. What is absent gets the default that the schema gives it.
 *
 * @param namespace the namespace of the mesh's own objects
 * @param trustDomain the SPIFFE trust domain
 * @param accessControl whether traffic that nothing grants is allowed
 * @param foreignTrafficTargets whether a TrafficTarget may grant access to another namespace
 * @param logLevel how much the certificate authority and the SMI adapter log
 * @param images where the images come from
 * @param certificateAuthority the certificate authority
 * @param smiAdapter the SMI adapter
 * @param proxy the proxies to inject
 * @param metrics traffic metrics
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record MeshInstallSpec(
    String namespace,
    String trustDomain,
    AccessControl accessControl,
    ForeignTrafficTargets foreignTrafficTargets,
    LogLevel logLevel,
    Images images,
    CertificateAuthority certificateAuthority,
    SmiAdapter smiAdapter,
    Proxy proxy,
    Metrics metrics) {

  /** What an empty spec means. */
  public static final MeshInstallSpec DEFAULT =
      new MeshInstallSpec(
          "heddle-system",
          "cluster.local",
          AccessControl.PERMISSIVE,
          ForeignTrafficTargets.REFUSED,
          LogLevel.INFO,
          Images.DEFAULT,
          CertificateAuthority.DEFAULT,
          SmiAdapter.DEFAULT,
          Proxy.DEFAULT,
          Metrics.DEFAULT);

  public MeshInstallSpec {
    namespace = Objects.requireNonNullElse(namespace, "heddle-system");
    trustDomain = Objects.requireNonNullElse(trustDomain, "cluster.local");
    accessControl = Objects.requireNonNullElse(accessControl, AccessControl.PERMISSIVE);
    foreignTrafficTargets =
        Objects.requireNonNullElse(foreignTrafficTargets, ForeignTrafficTargets.REFUSED);
    logLevel = Objects.requireNonNullElse(logLevel, LogLevel.INFO);
    images = Objects.requireNonNullElse(images, Images.DEFAULT);
    certificateAuthority =
        Objects.requireNonNullElse(certificateAuthority, CertificateAuthority.DEFAULT);
    smiAdapter = Objects.requireNonNullElse(smiAdapter, SmiAdapter.DEFAULT);
    proxy = Objects.requireNonNullElse(proxy, Proxy.DEFAULT);
    metrics = Objects.requireNonNullElse(metrics, Metrics.DEFAULT);
  }
}
