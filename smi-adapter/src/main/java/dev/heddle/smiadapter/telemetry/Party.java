package dev.heddle.smiadapter.telemetry;

/**
 * One end of an edge; texts are empty where not known.
 *
 * @param namespace its namespace
 * @param workload the name of what controls the pod, such as a Deployment
 * @param kind the kind of that, such as {@code Deployment}
 * @param pod the pod
 */
public record Party(String namespace, String workload, String kind, String pod) {

  /** Nobody that the mesh knows. */
  public static final Party UNKNOWN = new Party("", "", "", "");
}
