package dev.heddle.ca.kubernetes;

import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells of problems where operators look: as Events of the CA's own pod. */
public final class ProblemEvents {
  private static final Logger LOGGER = LoggerFactory.getLogger(ProblemEvents.class);
  private static final int MAX_MESSAGE = 1024;

  private final KubernetesClient client;
  private final String namespace;
  private final String pod;

  public ProblemEvents(KubernetesClient client, String namespace, String pod) {
    this.client = client;
    this.namespace = namespace;
    this.pod = pod;
  }

  /**
   * Writes one Event. That it cannot be written is only logged: the log has the problem already.
   */
  public void warn(String reason, String message) {
    String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    try {
      client
          .resource(
              new EventBuilder()
                  .withNewMetadata()
                  .withGenerateName("heddle-ca-")
                  .withNamespace(namespace)
                  .endMetadata()
                  .withType("Warning")
                  .withReason(reason)
                  .withMessage(
                      message.length() > MAX_MESSAGE ? message.substring(0, MAX_MESSAGE) : message)
                  .withFirstTimestamp(now)
                  .withLastTimestamp(now)
                  .withCount(1)
                  .withNewSource()
                  .withComponent("heddle-ca")
                  .endSource()
                  .withNewInvolvedObject()
                  .withApiVersion("v1")
                  .withKind("Pod")
                  .withNamespace(namespace)
                  .withName(pod)
                  .endInvolvedObject()
                  .build())
          .create();
    } catch (KubernetesClientException e) {
      LOGGER.warn("An Event could not be written", e);
    }
  }
}
