package dev.heddle.dataplane.xds;

import com.google.protobuf.Any;

/** A resource as it is kept over restarts. */
record KeptResource(ResourceType type, String name, String version, Any resource) {
  /** Bytes it takes in the file, roughly. */
  int size() {
    return name.length() + version.length() + resource.getSerializedSize() + 16;
  }
}
