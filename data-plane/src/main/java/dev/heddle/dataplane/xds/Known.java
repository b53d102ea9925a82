package dev.heddle.dataplane.xds;

import com.google.protobuf.Any;

/** What is known of a resource that is subscribed to. */
sealed interface Known<T> {

  /** Nothing yet. */
  record Requested<T>() implements Known<T> {}

  /** The last good version of it. */
  record Present<T>(String version, Any resource, T value) implements Known<T> {}

  /** The control plane says that there is none. */
  record Absent<T>() implements Known<T> {}
}
