package dev.heddle.smiadapter;

import dev.heddle.meshapi.identity.SpiffeId;
import dev.heddle.meshapi.process.Environment;
import dev.heddle.meshapi.process.HealthServer;
import dev.heddle.meshapi.process.InvalidSettingException;
import dev.heddle.smiadapter.aggregated.MetricsApiServer;
import dev.heddle.smiadapter.webhook.WebhookServer;
import dev.heddle.smiadapter.xds.XdsServer;
import java.nio.file.Path;

/**
 * What the operator tells the adapter by environment variables.
 *
 * @param meshNamespace where Heddle runs
 * @param podName the name of this replica
 * @param id what the adapter itself is
 * @param certificateAuthorityAddress {@code host:port} of the CA
 * @param tokenFile the token the adapter proves itself to the CA with
 * @param xdsPort where proxies are served
 * @param webhookPort where the API server asks about objects
 * @param webhookCertificateDirectory the mounted Secret that is served with there
 * @param metricsApiPort where the API server passes requests for traffic metrics on to
 * @param healthPort where health and metrics are served
 */
record AdapterSettings(
    String meshNamespace,
    String podName,
    SpiffeId id,
    String certificateAuthorityAddress,
    Path tokenFile,
    int xdsPort,
    int webhookPort,
    Path webhookCertificateDirectory,
    int metricsApiPort,
    int healthPort) {

  private static final String NAMESPACE = "HEDDLE_MESH_NAMESPACE";
  private static final String TRUST_DOMAIN = "HEDDLE_TRUST_DOMAIN";
  private static final String SERVICE_ACCOUNT = "HEDDLE_SERVICE_ACCOUNT";
  private static final int MAX_PORT = 65_535;

  /**
   * Reads and checks all of them.
   *
   * @throws InvalidSettingException naming the variable, its value and what was expected
   */
  static AdapterSettings from(Environment environment) {
    String namespace = environment.required(NAMESPACE, "the namespace of the mesh");
    return new AdapterSettings(
        namespace,
        environment.required("HEDDLE_POD_NAME", "the name of this pod"),
        id(environment, namespace),
        environment.text("HEDDLE_CA_ADDRESS", "heddle-ca." + namespace + ".svc:15012"),
        Path.of(
            environment.text("HEDDLE_TOKEN_FILE", "/var/run/secrets/heddle.dev/identity/token")),
        environment.integer("HEDDLE_XDS_PORT", XdsServer.PORT, 0, MAX_PORT),
        environment.integer("HEDDLE_WEBHOOK_PORT", WebhookServer.PORT, 0, MAX_PORT),
        Path.of(
            environment.text("HEDDLE_WEBHOOK_DIRECTORY", "/var/run/secrets/heddle.dev/webhook")),
        environment.integer("HEDDLE_METRICS_API_PORT", MetricsApiServer.PORT, 0, MAX_PORT),
        environment.integer("HEDDLE_HEALTH_PORT", HealthServer.PORT, 0, MAX_PORT));
  }

  private static SpiffeId id(Environment environment, String namespace) {
    String trustDomain = environment.text(TRUST_DOMAIN, "cluster.local");
    String account = environment.text(SERVICE_ACCOUNT, "heddle-smi-adapter");
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
