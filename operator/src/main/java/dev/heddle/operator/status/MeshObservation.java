package dev.heddle.operator.status;

import dev.heddle.crds.install.MeshInstall;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What was seen of a mesh.
 *
 * @param install the mesh that is wanted, with the status it had before
 * @param version the tag of the images that are wanted
 * @param takenBy the MeshInstall that has the namespace already; absent if this one has it
 * @param certificateAuthority the certificate authority's pods
 * @param smiAdapter the SMI adapter's pods
 * @param root the Secret of the root certificate
 * @param intermediate the Secret of the signing certificate
 * @param webhookCertificate the Secret of the adapter's certificate
 * @param webhookCaBundle what the webhooks verify the adapter with; absent as long as there are no
 *     webhooks
 * @param failures the objects that could not be applied, and why
 */
public record MeshObservation(
    MeshInstall install,
    String version,
    Optional<String> takenBy,
    ComponentObservation certificateAuthority,
    ComponentObservation smiAdapter,
    CertificateSecret root,
    CertificateSecret intermediate,
    CertificateSecret webhookCertificate,
    Optional<String> webhookCaBundle,
    Map<String, String> failures) {

  /** The parts that run as pods. */
  List<ComponentObservation> components() {
    return List.of(certificateAuthority, smiAdapter);
  }
}
