package dev.heddle.smiadapter.kubernetes;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.heddle.smiadapter.state.AccessControl;
import dev.heddle.smiadapter.state.Change;
import dev.heddle.smiadapter.state.MeshSettings;
import dev.heddle.smiadapter.state.ObjectName;
import dev.heddle.smiadapter.state.Observation;
import io.fabric8.kubernetes.api.model.ConfigMap;
import java.util.Map;
import java.util.Optional;

/**
 * Reads from the mesh's ConfigMap what translation depends on. The trust domain is part of every
 * identity, this process's own among them, and cannot change while it runs.
 */
final class SettingsMapping implements Mapping<ConfigMap> {

  private static final String KEY = "mesh.yaml";

  private final ObjectMapper mapper = new ObjectMapper(new YAMLFactory());
  private final String trustDomain;

  SettingsMapping(String trustDomain) {
    this.trustDomain = trustDomain;
  }

  /** Refuses what it cannot read, by an exception: the settings held before stay. */
  @Override
  public Observation observed(ConfigMap object) {
    Map<String, String> data = Absent.orEmpty(object.getData());
    try {
      JsonNode settings = mapper.readTree(data.getOrDefault(KEY, ""));
      return Observation.of(
          new Change.SettingsChange(
              new MeshSettings(
                  trustDomain,
                  accessControl(settings.path("accessControl").asText("")),
                  foreignGrants(settings.path("foreignTrafficTargets").asText("")))));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(KEY + ": " + e.getOriginalMessage(), e);
    }
  }

  /** A ConfigMap that is gone says nothing: above all it does not open what policy has closed. */
  @Override
  public Optional<Observation> removed(ObjectName name) {
    return Optional.empty();
  }

  private static AccessControl accessControl(String value) {
    return switch (value) {
      case "", "permissive" -> AccessControl.PERMISSIVE;
      case "enforced" -> AccessControl.ENFORCED;
      default ->
          throw new IllegalArgumentException(
              "accessControl: " + value + " (expected: permissive or enforced)");
    };
  }

  private static boolean foreignGrants(String value) {
    return switch (value) {
      case "", "refused" -> false;
      case "allowed" -> true;
      default ->
          throw new IllegalArgumentException(
              "foreignTrafficTargets: " + value + " (expected: refused or allowed)");
    };
  }
}
