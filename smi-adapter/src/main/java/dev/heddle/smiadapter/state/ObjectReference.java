package dev.heddle.smiadapter.state;

/**
 * Points at the object of a user that something came from, so that a message can reach them.
 *
 * @param apiVersion group and version, such as {@code split.smi-spec.io/v1alpha4}
 * @param kind the kind, such as {@code TrafficSplit}
 * @param name its name
 * @param uid the API server's id of this very object; empty where it is not known
 */
public record ObjectReference(String apiVersion, String kind, ObjectName name, String uid) {

  @Override
  public String toString() {
    return kind + " " + name;
  }
}
