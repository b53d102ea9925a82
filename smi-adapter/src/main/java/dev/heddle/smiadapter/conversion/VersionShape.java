package dev.heddle.smiadapter.conversion;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * How the objects of one version differ from those of the version that is stored. Both ways change
 * the object in place, touch nothing of its metadata but annotations, and leave alone what they do
 * not know, so that also half an object, as server-side apply makes them, can be converted.
 */
interface VersionShape {

  /**
   * From this version to the stored one.
   *
   * @throws ConversionException if an annotation that carries what this version cannot hold cannot
   *     be read
   */
  void toStored(ObjectNode object) throws ConversionException;

  /**
   * From the stored version to this one. Never fails: one object that did would make a list of all
   * of them fail.
   */
  void fromStored(ObjectNode object);

  /** Where this version has a field that the stored version has at a path. */
  default String path(String stored) {
    return stored;
  }

  /** The shape of a version that is served. */
  static VersionShape of(SmiKind kind, String version) {
    return switch (kind) {
      case TRAFFIC_SPLIT ->
          switch (version) {
            case "v1alpha1" -> new SplitWithoutMatches(true);
            case "v1alpha2" -> new SplitWithoutMatches(false);
            default -> new StoredShape();
          };
      case TRAFFIC_TARGET ->
          switch (version) {
            case "v1alpha1" -> TargetWithPort.v1alpha1();
            case "v1alpha2" -> TargetWithPort.v1alpha2();
            default -> new StoredShape();
          };
      case HTTP_ROUTE_GROUP ->
          switch (version) {
            case "v1alpha1" -> new GroupAtTheTop(false);
            case "v1alpha2" -> new GroupAtTheTop(true);
            default -> new StoredShape();
          };
      case TCP_ROUTE ->
          switch (version) {
            case "v1alpha1", "v1alpha2" -> new RouteWithoutPorts(false);
            case "v1alpha3" -> new RouteWithoutPorts(true);
            default -> new StoredShape();
          };
      case UDP_ROUTE -> new StoredShape();
    };
  }
}
