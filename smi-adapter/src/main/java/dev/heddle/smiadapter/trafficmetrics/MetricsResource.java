package dev.heddle.smiadapter.trafficmetrics;

import java.util.Arrays;
import java.util.Optional;

/**
 * The resources of the API: those of the specification, in its order, and one that lists every
 * workload whatever its kind.
 */
public enum MetricsResource {
  NAMESPACES("namespaces", "Namespace", false, "/api/v1"),
  NODES("nodes", "Node", false, "/api/v1"),
  PODS("pods", "Pod", true, "/api/v1"),
  REPLICATIONCONTROLLERS("replicationcontrollers", "ReplicationController", true, "/api/v1"),
  SERVICES("services", "Service", true, "/api/v1"),
  DAEMONSETS("daemonsets", "DaemonSet", true, "/apis/apps/v1"),
  DEPLOYMENTS("deployments", "Deployment", true, "/apis/apps/v1"),
  REPLICASETS("replicasets", "ReplicaSet", true, "/apis/apps/v1"),
  STATEFULSETS("statefulsets", "StatefulSet", true, "/apis/apps/v1"),
  JOBS("jobs", "Job", true, "/apis/batch/v1"),
  TRAFFICSPLITS("trafficsplits", "TrafficSplit", true, "/apis/split.smi-spec.io/v1alpha4"),
  /** Workloads are found by their pods. */
  TRAFFICMETRICS("trafficmetrics", "", true, "");

  private final String plural;
  private final String kind;
  private final boolean namespaced;
  private final String objectsPath;

  MetricsResource(String plural, String kind, boolean namespaced, String objectsPath) {
    this.plural = plural;
    this.kind = kind;
    this.namespaced = namespaced;
    this.objectsPath = objectsPath;
  }

  /** The resource of this name. */
  public static Optional<MetricsResource> of(String plural) {
    return Arrays.stream(values()).filter(resource -> resource.plural.equals(plural)).findFirst();
  }

  /** Its name in paths. */
  public String plural() {
    return plural;
  }

  /** The kind of the objects that it is about; empty if they are of several. */
  public String kind() {
    return kind;
  }

  /** Whether its objects are in namespaces. */
  public boolean namespaced() {
    return namespaced;
  }

  /** Where the API server has the objects themselves: group and version. */
  public String objectsPath() {
    return objectsPath;
  }

  /** Whether the edges of an object can be asked for: not of a split, which is no end of one. */
  public boolean hasEdges() {
    return this != TRAFFICSPLITS;
  }
}
