package dev.heddle.operator.resources;

/** The names of what a mesh consists of, as every part of Heddle knows them. */
public final class MeshObjects {
  public static final String CERTIFICATE_AUTHORITY = "heddle-ca";
  public static final String SMI_ADAPTER = "heddle-smi-adapter";
  public static final String PROXY = "heddle-proxy";

  /** The Service that objects of the Service Mesh Interface are converted by. */
  public static final String CONVERSION = "heddle-conversion";

  /** The ConfigMap of the adapter's settings. */
  public static final String MESH_CONFIGURATION = "heddle-mesh";

  /** The Secret of the root that the certificate authority makes when the user names none. */
  public static final String ROOT_SECRET = "heddle-root";

  public static final String INTERMEDIATE_SECRET = "heddle-intermediate";
  public static final String WEBHOOK_ROOT_SECRET = "heddle-webhook-root";
  public static final String WEBHOOK_SECRET = "heddle-webhook-certificate";

  /** The ConfigMap that the certificate authority publishes trust anchors in. */
  public static final String TRUST_ANCHORS = "heddle-trust-anchors";

  private MeshObjects() {}

  /** The name of a cluster-scoped object that belongs to the mesh of a namespace. */
  public static String clusterScoped(String name, String namespace) {
    return name + "-" + namespace;
  }

  /** The name of the webhook configuration that validates objects of the Service Mesh Interface. */
  public static String validation(String namespace) {
    return clusterScoped("heddle-smi", namespace);
  }

  /** The name of the webhook configuration that injects proxies. */
  public static String injector(String namespace) {
    return clusterScoped("heddle-injector", namespace);
  }
}
