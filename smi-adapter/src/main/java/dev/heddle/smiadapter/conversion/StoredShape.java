package dev.heddle.smiadapter.conversion;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** The shape of the stored version, and of those that differ from it in name only. */
final class StoredShape implements VersionShape {
  @Override
  public void toStored(ObjectNode object) {
    // Nothing differs.
  }

  @Override
  public void fromStored(ObjectNode object) {
    // Nothing differs.
  }
}
