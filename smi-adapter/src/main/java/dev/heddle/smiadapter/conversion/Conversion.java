package dev.heddle.smiadapter.conversion;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Converts an object into another version of its kind. */
public final class Conversion {
  private Conversion() {}

  /**
   * A copy of the object in another version.
   *
   * @param object with its {@code apiVersion} and {@code kind}
   * @param apiVersion group and version that is wanted
   * @throws ConversionException if kind or version is unknown, or the object cannot be read
   */
  public static ObjectNode convert(ObjectNode object, String apiVersion)
      throws ConversionException {
    String from = object.path("apiVersion").asText("");
    SmiKind kind = kind(object, from);
    if (!group(apiVersion).equals(kind.group())) {
      throw new ConversionException(
          "desiredAPIVersion: " + apiVersion + " (expected: a version of " + kind.group() + ")");
    }
    VersionShape source = shape(kind, from, "apiVersion");
    VersionShape target = shape(kind, apiVersion, "desiredAPIVersion");
    ObjectNode converted = object.deepCopy();
    if (!from.equals(apiVersion)) {
      source.toStored(converted);
      target.fromStored(converted);
      converted.put("apiVersion", apiVersion);
    }
    return converted;
  }

  /**
   * The object in the version that is stored.
   *
   * @throws ConversionException as {@link #convert} does
   */
  public static ObjectNode toStored(ObjectNode object) throws ConversionException {
    SmiKind kind = kind(object, object.path("apiVersion").asText(""));
    return convert(object, kind.group() + "/" + kind.storedVersion());
  }

  private static SmiKind kind(JsonNode object, String apiVersion) throws ConversionException {
    String kind = object.path("kind").asText("");
    return SmiKind.of(group(apiVersion), kind)
        .orElseThrow(() ->
            new ConversionException(
                "kind: "
                    + apiVersion
                    + " "
                    + kind
                    + " (expected: a kind of the Service Mesh Interface)"));
  }

  private static VersionShape shape(SmiKind kind, String apiVersion, String field)
      throws ConversionException {
    String version = apiVersion.substring(apiVersion.indexOf('/') + 1);
    if (!kind.versions().contains(version)) {
      throw new ConversionException(
          field
              + ": "
              + apiVersion
              + " (expected: one of "
              + String.join(", ", kind.versions())
              + " for "
              + kind.kind()
              + ")");
    }
    return VersionShape.of(kind, version);
  }

  private static String group(String apiVersion) {
    return apiVersion.substring(0, Math.max(0, apiVersion.indexOf('/')));
  }
}
