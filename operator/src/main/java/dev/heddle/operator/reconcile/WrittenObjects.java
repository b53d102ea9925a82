package dev.heddle.operator.reconcile;

import dev.heddle.operator.resources.Mesh;
import dev.heddle.operator.resources.MeshObjects;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.util.stream.Stream;

/**
 * What the mesh's own processes wrote into its namespace. It goes with the mesh, but for a root
 * that the user gave.
 */
final class WrittenObjects {
  private WrittenObjects() {}

  static void delete(Mesh mesh, KubernetesClient client) {
    objects(mesh, client).forEach(Resource::delete);
  }

  private static Stream<Resource<? extends HasMetadata>> objects(
      Mesh mesh, KubernetesClient client) {
    String namespace = mesh.namespace();
    boolean ownRoot = mesh.spec().certificateAuthority().rootSecretName() == null;
    Stream<String> secrets =
        Stream.concat(
            ownRoot ? Stream.of(MeshObjects.ROOT_SECRET) : Stream.empty(),
            Stream.of(
                MeshObjects.INTERMEDIATE_SECRET,
                MeshObjects.WEBHOOK_ROOT_SECRET,
                MeshObjects.WEBHOOK_SECRET));
    return Stream.concat(
        secrets.map(name -> client.secrets().inNamespace(namespace).withName(name)),
        Stream.of(
            client.configMaps().inNamespace(namespace).withName(MeshObjects.TRUST_ANCHORS),
            client.leases().inNamespace(namespace).withName(MeshObjects.CERTIFICATE_AUTHORITY),
            client.leases().inNamespace(namespace).withName(MeshObjects.SMI_ADAPTER)));
  }
}
