package dev.heddle.smiadapter.trafficmetrics;

/**
 * An object of the cluster; texts are empty where they do not apply.
 *
 * @param kind its kind
 * @param namespace its namespace, empty if it is in none
 * @param name its name
 */
public record Reference(String kind, String namespace, String name) {

  /** No object in particular. */
  public static final Reference ANYTHING = new Reference("", "", "");
}
