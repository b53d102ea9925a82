package dev.heddle.dataplane.config;

/** What runs at one end of a connection, for metrics; empty strings where not known. */
public record Workload(
    String name,
    String kind,
    String namespace,
    String serviceAccount,
    String pod,
    String app,
    String version) {

  public static final Workload UNKNOWN = new Workload("", "", "", "", "", "", "");
}
