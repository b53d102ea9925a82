package dev.heddle.e2e.workload;

/**
 * A server of the test workload: HTTP/1.1 and h2c on 8080, gRPC on 9090, TCP that speaks first on
 * 7070, TCP echo on 7071, its own TLS on 8443. It stops listening the moment it gets SIGTERM, as
 * many apps do.
 */
public final class WebServer {

  static final String IMAGE = "heddle-test-workload:0.1.0";

  private WebServer() {}

  /**
   * Deployment, ServiceAccount and Service of one version; the port names say nothing about the
   * protocol.
   */
  public static String manifest(String app, String version, int replicas) {
    return manifest(app, version, replicas, app + "-" + version);
  }

  /** The same, run by another account than its own. */
  public static String manifest(String app, String version, int replicas, String account) {
    String name = app + "-" + version;
    return """
    apiVersion: v1
    kind: ServiceAccount
    metadata: {name: %7$s}
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: %1$s}
    spec:
      replicas: %4$d
      selector: {matchLabels: {app: %2$s, version: %3$s}}
      strategy: {rollingUpdate: {maxUnavailable: 0, maxSurge: 1}}
      template:
        metadata: {labels: {app: %2$s, version: %3$s}}
        spec:
          serviceAccountName: %7$s
          containers:
            - name: web
              image: %5$s
              args: [serve]
              env:
                - {name: VERSION, value: %3$s}
                - {name: POD_NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
              readinessProbe: {httpGet: {path: /, port: 8080}, periodSeconds: 1}
              resources: {requests: {cpu: 10m, memory: 16Mi}}
    ---
    %6$s
    """
        .formatted(
            name,
            app,
            version,
            replicas,
            IMAGE,
            service(name, "app: " + app + ", version: " + version),
            account);
  }

  /** A Service over every version of the app: what clients call. */
  public static String apex(String app) {
    return service(app, "app: " + app);
  }

  private static String service(String name, String selector) {
    return """
    apiVersion: v1
    kind: Service
    metadata: {name: %s}
    spec:
      selector: {%s}
      ports:
        - {name: web, port: 8080}
        - {name: rpc, port: 9090}
        - {name: greeter, port: 7070}
        - {name: echo, port: 7071}
        - {name: own, port: 8443}
    """
        .formatted(name, selector);
  }
}
