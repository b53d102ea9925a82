package dev.heddle.smiadapter.conversion;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * HTTPRouteGroup v1alpha1 and v1alpha2, which have their matches at the top. Those of v1alpha1 have
 * no headers.
 */
final class GroupAtTheTop implements VersionShape {
  private static final List<FieldMoves.Field> AT_THE_TOP =
      List.of(new FieldMoves.Field("matches", "matches"));

  private final boolean headers;

  /**
   * Makes the shape.
   *
   * @param headers whether matches have headers
   */
  GroupAtTheTop(boolean headers) {
    this.headers = headers;
  }

  @Override
  public void toStored(ObjectNode object) throws ConversionException {
    FieldMoves.toSpec(object, AT_THE_TOP);
    if (!headers) {
      HiddenHeaders.show(object);
    }
  }

  @Override
  public void fromStored(ObjectNode object) {
    if (!headers) {
      HiddenHeaders.hide(object);
    }
    FieldMoves.toTop(object, AT_THE_TOP);
  }

  @Override
  public String path(String stored) {
    return FieldMoves.path(stored, AT_THE_TOP);
  }
}
