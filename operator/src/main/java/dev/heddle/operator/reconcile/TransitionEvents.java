package dev.heddle.operator.reconcile;

import dev.heddle.crds.install.MeshInstall;
import dev.heddle.operator.status.Transition;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells people what changed, as Events that {@code kubectl describe} shows. */
final class TransitionEvents {
  private static final Logger LOG = LoggerFactory.getLogger(TransitionEvents.class);

  /** Where Events about cluster-scoped objects are kept. */
  private static final String NAMESPACE = "default";

  /** The API server refuses longer messages. */
  private static final int MESSAGE_LIMIT = 1024;

  private final Clock clock;
  private final Counter failures;

  TransitionEvents(Clock clock, MeterRegistry meters) {
    this.clock = clock;
    this.failures =
        Counter.builder("heddle.operator.event.failures")
            .description("Events that could not be written")
            .register(meters);
  }

  /**
   * Writes one Event per change. One that cannot be written is logged and counted; nothing depends
   * on it.
   */
  void record(MeshInstall install, List<Transition> transitions, KubernetesClient client) {
    for (Transition transition : transitions) {
      LOG.info(
          "MeshInstall {}: {} {}: {}",
          install.getMetadata().getName(),
          transition.severity().text(),
          transition.reason(),
          transition.message());
      try {
        client.resource(event(install, transition)).create();
      } catch (KubernetesClientException e) {
        failures.increment();
        LOG.warn("Event about MeshInstall {} not written", install.getMetadata().getName(), e);
      }
    }
  }

  private Event event(MeshInstall install, Transition transition) {
    Instant now = clock.instant();
    String time = now.truncatedTo(ChronoUnit.SECONDS).toString();
    String message = transition.message();
    return new EventBuilder()
        .withNewMetadata()
        .withNamespace(NAMESPACE)
        .withGenerateName(install.getMetadata().getName() + ".")
        .endMetadata()
        .withNewInvolvedObject()
        .withApiVersion(install.getApiVersion())
        .withKind(install.getKind())
        .withName(install.getMetadata().getName())
        .withUid(install.getMetadata().getUid())
        .endInvolvedObject()
        .withType(transition.severity().text())
        .withReason(transition.reason())
        .withMessage(message.substring(0, Math.min(message.length(), MESSAGE_LIMIT)))
        .withFirstTimestamp(time)
        .withLastTimestamp(time)
        .withCount(1)
        .withNewSource()
        .withComponent("heddle-operator")
        .endSource()
        .build();
  }
}
