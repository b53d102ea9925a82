package dev.heddle.ca.rotation;

import java.time.Duration;
import java.util.List;

/**
 * What the authorities are made with.
 *
 * @param rootSecret the Secret of the workloads' root
 * @param webhookDnsNames the names of the webhook's Service
 */
public record AuthoritySettings(
    String trustDomain,
    String rootSecret,
    List<String> webhookDnsNames,
    Duration workloadLifetime,
    Duration intermediateLifetime,
    Duration rootLifetime) {
  /** The Secret of a root that the CA makes itself. */
  public static final String OWN_ROOT_SECRET = "heddle-root";

  public static final String INTERMEDIATE_SECRET = "heddle-intermediate";
  public static final String WEBHOOK_ROOT_SECRET = "heddle-webhook-root";
  public static final String WEBHOOK_SECRET = "heddle-webhook-certificate";

  public AuthoritySettings {
    webhookDnsNames = List.copyOf(webhookDnsNames);
  }
}
