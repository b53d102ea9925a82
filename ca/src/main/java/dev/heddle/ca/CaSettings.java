package dev.heddle.ca;

import dev.heddle.ca.rotation.AuthoritySettings;
import dev.heddle.meshapi.identity.IdentitySettings;
import dev.heddle.meshapi.identity.SpiffeId;
import dev.heddle.meshapi.process.Environment;
import dev.heddle.meshapi.process.InvalidSettingException;
import java.time.Duration;
import java.util.List;

/**
 * What the operator tells the CA by environment variables.
 *
 * @param podName the name of this replica
 * @param id what the CA itself is
 */
record CaSettings(String meshNamespace, String podName, SpiffeId id, AuthoritySettings authority) {
  static final String NAMESPACE = "HEDDLE_MESH_NAMESPACE";
  static final String TRUST_DOMAIN = "HEDDLE_TRUST_DOMAIN";
  static final String POD_NAME = "HEDDLE_POD_NAME";
  static final String SERVICE_ACCOUNT = "HEDDLE_SERVICE_ACCOUNT";
  static final String ROOT_SECRET = "HEDDLE_ROOT_SECRET";
  static final String CERTIFICATE_LIFETIME = "HEDDLE_CERTIFICATE_LIFETIME";
  static final String INTERMEDIATE_LIFETIME = "HEDDLE_INTERMEDIATE_LIFETIME";
  static final String ROOT_LIFETIME = "HEDDLE_ROOT_LIFETIME";

  private static final Duration LEAST_CERTIFICATE = Duration.ofMinutes(5);
  private static final Duration MOST_CERTIFICATE = Duration.ofDays(30);
  private static final Duration MOST_AUTHORITY = Duration.ofDays(366 * 30L);

  /**
   * Reads and checks all of them.
   *
   * @throws InvalidSettingException naming the variable, its value and what was expected
   */
  static CaSettings from(Environment environment) {
    String namespace = environment.required(NAMESPACE, "the namespace of the mesh");
    Duration certificate =
        environment.duration(
            CERTIFICATE_LIFETIME, Duration.ofHours(24), LEAST_CERTIFICATE, MOST_CERTIFICATE);
    Duration intermediate =
        environment.duration(
            INTERMEDIATE_LIFETIME,
            Duration.ofDays(365),
            certificate.multipliedBy(4),
            MOST_AUTHORITY);
    Duration root =
        environment.duration(ROOT_LIFETIME, Duration.ofDays(3650), intermediate, MOST_AUTHORITY);
    String service = "heddle-smi-adapter." + namespace + ".svc";
    String conversion = "heddle-conversion." + namespace + ".svc";
    return new CaSettings(
        namespace,
        environment.required(POD_NAME, "the name of this pod"),
        id(environment, namespace),
        new AuthoritySettings(
            environment.text(TRUST_DOMAIN, "cluster.local"),
            environment.text(ROOT_SECRET, AuthoritySettings.OWN_ROOT_SECRET),
            List.of(service, service + ".cluster.local", conversion),
            certificate,
            intermediate,
            root));
  }

  private static SpiffeId id(Environment environment, String namespace) {
    String trustDomain = environment.text(TRUST_DOMAIN, "cluster.local");
    String account =
        environment.text(SERVICE_ACCOUNT, IdentitySettings.CERTIFICATE_AUTHORITY_ACCOUNT);
    try {
      return SpiffeId.of(trustDomain, namespace, account);
    } catch (IllegalArgumentException e) {
      throw new InvalidSettingException(
          String.join(", ", TRUST_DOMAIN, NAMESPACE, SERVICE_ACCOUNT),
          String.join(", ", trustDomain, namespace, account),
          String.valueOf(e.getMessage()));
    }
  }
}
