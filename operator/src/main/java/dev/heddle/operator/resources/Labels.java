package dev.heddle.operator.resources;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/** The labels that say whose an object is. */
public final class Labels {
  public static final String PART_OF = "app.kubernetes.io/part-of";
  public static final String COMPONENT = "app.kubernetes.io/component";
  public static final String MANAGED_BY = "app.kubernetes.io/managed-by";
  public static final String MESH_INSTALL = "heddle.dev/meshinstall";

  /** Opts a namespace or pod in or out of injection. Also an annotation. */
  public static final String INJECT = "heddle.dev/inject";

  /** The value of {@link #MANAGED_BY} on every object that the operator applies. */
  public static final String OPERATOR = "heddle-operator";

  private static final String HEDDLE = "heddle";

  private Labels() {}

  /** Selects what the operator applied, and the pods that came of it. */
  public static String selector() {
    return MANAGED_BY + "=" + OPERATOR;
  }

  static Map<String, String> of(Mesh mesh, String component) {
    Map<String, String> labels = new TreeMap<>(selector(component));
    labels.put(MANAGED_BY, OPERATOR);
    labels.put(MESH_INSTALL, mesh.name());
    return Collections.unmodifiableMap(labels);
  }

  /**
   * What tells the pods of a component from all others. Part of a Deployment's identity: it can
   * never change.
   */
  static Map<String, String> selector(String component) {
    return Collections.unmodifiableMap(
        new TreeMap<>(Map.of(PART_OF, HEDDLE, COMPONENT, component)));
  }
}
