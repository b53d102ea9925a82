package dev.heddle.operator.resources;

import dev.heddle.crds.install.Images;
import dev.heddle.crds.install.MeshInstall;
import dev.heddle.crds.install.MeshInstallSpec;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Objects;

/**
 * The mesh that is wanted, as the builders of its objects need it.
 *
 * @param name the name of the MeshInstall
 * @param uid its uid, which the garbage collector knows it by
 * @param spec what is wanted
 * @param release what the operator adds
 */
public record Mesh(String name, String uid, MeshInstallSpec spec, Release release) {

  /** Reads a mesh from the object that a user wrote. */
  public static Mesh of(MeshInstall install, Release release) {
    return new Mesh(
        install.getMetadata().getName(),
        install.getMetadata().getUid(),
        install.getSpec(),
        release);
  }

  /** The namespace of the mesh's own objects. */
  public String namespace() {
    return spec.namespace();
  }

  /** The tag of all images. */
  public String tag() {
    return Objects.requireNonNullElse(spec.images().tag(), release.tag());
  }

  /** The name of the Secret that holds the root certificate. */
  public String rootSecret() {
    return Objects.requireNonNullElse(
        spec.certificateAuthority().rootSecretName(), MeshObjects.ROOT_SECRET);
  }

  /** A full reference to one of Heddle's images. */
  String image(String image) {
    Images images = spec.images();
    String registry = Objects.requireNonNullElse(images.registry(), release.registry());
    return (registry.isEmpty() ? "" : registry + "/") + image + ":" + tag();
  }

  /** Metadata of an object in the mesh's namespace. */
  ObjectMeta namespaced(String objectName, String component) {
    return metadata(objectName, component).withNamespace(namespace()).build();
  }

  /** Metadata of a cluster-scoped object. */
  ObjectMeta clusterScoped(String objectName, String component) {
    return metadata(objectName, component).build();
  }

  private ObjectMetaBuilder metadata(String objectName, String component) {
    return new ObjectMetaBuilder()
        .withName(objectName)
        .withLabels(Labels.of(this, component))
        .withOwnerReferences(owner());
  }

  /** Lets the garbage collector take what the finalizer should ever miss. */
  private OwnerReference owner() {
    MeshInstall kind = new MeshInstall();
    return new OwnerReferenceBuilder()
        .withApiVersion(kind.getApiVersion())
        .withKind(kind.getKind())
        .withName(name)
        .withUid(uid)
        .withController(true)
        .build();
  }

  /** The value of an enumeration as it is written in YAML. */
  static String text(Enum<?> value) {
    return Serialization.asJson(value).replace("\"", "");
  }
}
