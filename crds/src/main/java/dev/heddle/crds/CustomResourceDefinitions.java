package dev.heddle.crds;

import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

/** The manifests of all custom resource definitions, as they lie in this artifact. */
public final class CustomResourceDefinitions {
  /** The folder of the manifests on the class path. */
  public static final String FOLDER = "/heddle/crds/";

  private static final List<String> FILES =
      List.of(
          "meshinstalls.heddle.dev.yaml",
          "trafficsplits.split.smi-spec.io.yaml",
          "traffictargets.access.smi-spec.io.yaml",
          "httproutegroups.specs.smi-spec.io.yaml",
          "tcproutes.specs.smi-spec.io.yaml",
          "udproutes.specs.smi-spec.io.yaml");

  private CustomResourceDefinitions() {}

  /**
   * Reads every manifest.
   *
   * @return the definitions; the caller may change them
   * @throws IllegalStateException if a manifest is missing from this artifact
   */
  public static List<CustomResourceDefinition> all() {
    return FILES.stream().map(CustomResourceDefinitions::read).toList();
  }

  private static CustomResourceDefinition read(String file) {
    try (InputStream manifest =
        CustomResourceDefinitions.class.getResourceAsStream(FOLDER + file)) {
      if (manifest == null) {
        throw new IllegalStateException(FOLDER + file + ": not on the class path");
      }
      return Serialization.unmarshal(manifest, CustomResourceDefinition.class);
    } catch (IOException e) {
      throw new UncheckedIOException(FOLDER + file + ": cannot be read", e);
    }
  }
}
