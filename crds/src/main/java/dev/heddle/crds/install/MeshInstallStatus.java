package dev.heddle.crds.install;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The mesh as it was last seen.
 *
 * @param observedGeneration the generation of the spec that the rest speaks of
 * @param version the tag of the images that are rolled out
 * @param conditions what is well and what is not, one per type
 * @param components the parts that run as pods
 * @param certificateExpiry when the mesh's own certificates expire; absent as long as there are
 *     none
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record MeshInstallStatus(
    @Nullable Long observedGeneration,
    @Nullable String version,
    List<Condition> conditions,
    List<ComponentStatus> components,
    @Nullable CertificateExpiry certificateExpiry) {

  /** Nothing seen yet. */
  public static final MeshInstallStatus EMPTY =
      new MeshInstallStatus(null, null, List.of(), List.of(), null);

  public MeshInstallStatus {
    conditions = List.copyOf(Objects.requireNonNullElse(conditions, List.of()));
    components = List.copyOf(Objects.requireNonNullElse(components, List.of()));
  }

  /** The condition of a type, if it was ever set. */
  public Optional<Condition> condition(String type) {
    return conditions.stream().filter(condition -> condition.type().equals(type)).findFirst();
  }
}
