package dev.heddle.e2e.workload;

import java.util.List;
import java.util.stream.Collectors;

/** A Deployment of one pod of the test workload's image, run by an account of its own. */
final class SinglePod {

  private SinglePod() {}

  /**
   * A manifest of Deployment and ServiceAccount; the name is the pod's label {@code app} as well.
   *
   * @param cpu what it asks of the node's processors, such as {@code 10m}
   * @param command the program and its arguments
   */
  static String manifest(String name, String container, String cpu, List<String> command) {
    return """
    apiVersion: v1
    kind: ServiceAccount
    metadata: {name: %1$s}
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: %1$s}
    spec:
      replicas: 1
      selector: {matchLabels: {app: %1$s}}
      template:
        metadata: {labels: {app: %1$s}}
        spec:
          serviceAccountName: %1$s
          containers:
            - name: %2$s
              image: %3$s
              command: [%5$s]
              resources: {requests: {cpu: %4$s, memory: 16Mi}}
    """
        .formatted(
            name,
            container,
            WebServer.IMAGE,
            cpu,
            command.stream().map(part -> '"' + part + '"').collect(Collectors.joining(", ")));
  }
}
