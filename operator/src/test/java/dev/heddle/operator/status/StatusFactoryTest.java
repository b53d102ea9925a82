package dev.heddle.operator.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.heddle.crds.install.ComponentStatus;
import dev.heddle.crds.install.Condition;
import dev.heddle.crds.install.MeshInstall;
import dev.heddle.crds.install.MeshInstallStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Conditions say what is missing and why. */
final class StatusFactoryTest {
  private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
  private static final Instant EARLIER = Instant.parse("2026-05-01T12:00:00Z");
  private static final Instant EXPIRY = Instant.parse("2027-06-01T00:00:00Z");
  private static final String BUNDLE = "Y2VydGlmaWNhdGU=";

  private final StatusFactory statuses = new StatusFactory(Clock.fixed(NOW, ZoneOffset.UTC));

  @Test
  void everythingIsWell() {
    MeshInstallStatus status = statuses.status(new Seen().observation());

    assertThat(status.conditions())
        .allSatisfy(condition -> assertThat(condition.status()).isEqualTo(Condition.Status.TRUE))
        .extracting(Condition::type)
        .containsExactly(
            "Accepted", "CertificateAuthorityReady", "AdapterReady", "WebhookReady", "Ready");
    assertThat(status.observedGeneration()).isEqualTo(3);
    assertThat(status.version()).isEqualTo("0.1.0");
    assertThat(status.components())
        .containsExactly(
            new ComponentStatus("heddle-ca", 2, 2, 2, "0.1.0", null),
            new ComponentStatus("heddle-smi-adapter", 2, 2, 2, "0.1.0", null));
    assertThat(status.certificateExpiry()).isNotNull();
    assertThat(status.certificateExpiry().earliest()).isEqualTo(EXPIRY);
  }

  @Test
  void anImageThatCannotBeHadIsNamedWithPodAndReason() {
    Seen seen = new Seen();
    seen.certificateAuthority =
        component("heddle-ca", 0, waiting("heddle-ca", "ErrImageNeverPull", "is not present"));

    assertCondition(
        seen,
        "CertificateAuthorityReady",
        "ImageUnavailable",
        "Pod mesh/heddle-ca-1, container heddle-ca: image heddle-ca:0.1.0: ErrImageNeverPull: is not present (spec.images); 0 of 2 pods ready, 2 of the newest version");
    assertCondition(seen, "Ready", "ImageUnavailable", "CertificateAuthorityReady: Pod mesh/");
  }

  @Test
  void aContainerThatCrashesIsNamedWithItsLastEnd() {
    Seen seen = new Seen();
    seen.smiAdapter =
        component(
            "heddle-smi-adapter",
            1,
            waiting("heddle-smi-adapter", "CrashLoopBackOff", "back-off 10s"));

    assertCondition(
        seen,
        "AdapterReady",
        "CrashLoopBackOff",
        "it last ended with exit code 1 (Error): HEDDLE_LOG_LEVEL: x; 1 of 2 pods ready");
  }

  @Test
  void aRefusalOfPodsIsQuoted() {
    Seen seen = new Seen();
    seen.certificateAuthority =
        new ComponentObservation(
            "heddle-ca",
            2,
            Optional.of(
                yaml(
                    """
                    metadata: {name: heddle-ca, generation: 1}
                    spec: {template: {spec: {containers: [{name: a, image: "a:1"}]}}}
                    status:
                      observedGeneration: 1
                      conditions: [{type: ReplicaFailure, status: "True", message: exceeded quota}]
                    """,
                    Deployment.class)),
            List.of());

    assertCondition(
        seen,
        "CertificateAuthorityReady",
        "PodsRefused",
        "Deployment heddle-ca: exceeded quota; 0 of 2 pods ready");
  }

  @Test
  void aRolloutUnderWayIsNotReady() {
    Seen seen = new Seen();
    seen.certificateAuthority = component("heddle-ca", 1);

    assertCondition(seen, "CertificateAuthorityReady", "RollingOut", "1 of 2 pods ready");
  }

  @Test
  void aRootThatTheUserNamedAndThatIsMissingIsNamed() {
    Seen seen = new Seen();
    seen.rootSecretName = "my-root";
    seen.root = new CertificateSecret.Missing("mesh/my-root");

    assertCondition(
        seen,
        "CertificateAuthorityReady",
        "RootSecretMissing",
        "Secret mesh/my-root: not found (spec.certificateAuthority.rootSecretName; expected keys: tls.crt, tls.key)");
  }

  @Test
  void aRootThatCannotBeReadIsNamedWithItsKey() {
    Seen seen = new Seen();
    seen.root = new CertificateSecret.Malformed("mesh/my-root", "tls.crt", "no PEM certificate");

    assertCondition(
        seen,
        "CertificateAuthorityReady",
        "RootSecretMalformed",
        "Secret mesh/my-root, key tls.crt: no PEM certificate");
  }

  @Test
  void aRootThatIsStillToBeMadeIsNoFault() {
    Seen seen = new Seen();
    seen.root = new CertificateSecret.Missing("mesh/heddle-root");

    assertThat(condition(statuses.status(seen.observation()), "CertificateAuthorityReady").status())
        .isEqualTo(Condition.Status.TRUE);
  }

  @Test
  void webhooksWaitForTheirCertificate() {
    Seen seen = new Seen();
    seen.webhookCertificate = new CertificateSecret.Missing("mesh/heddle-webhook-certificate");

    assertCondition(
        seen,
        "WebhookReady",
        "CertificateMissing",
        "Secret mesh/heddle-webhook-certificate: not found");
  }

  @Test
  void webhooksWithAFormerCertificateAreNotReady() {
    Seen seen = new Seen();
    seen.caBundle = Optional.of("Zm9ybWVy");

    assertCondition(seen, "WebhookReady", "CertificateChanged", "the former certificate");
  }

  @Test
  void theYoungerOfTwoNamesTheOlder() {
    Seen seen = new Seen();
    seen.takenBy = Optional.of("first");

    MeshInstallStatus status = statuses.status(seen.observation());

    assertCondition(
        seen,
        "Accepted",
        "NamespaceTaken",
        "spec.namespace: mesh (expected: a namespace that no older MeshInstall has; MeshInstall first has this one)");
    assertThat(condition(status, "AdapterReady").status()).isEqualTo(Condition.Status.UNKNOWN);
    assertThat(condition(status, "Ready").reason()).isEqualTo("NamespaceTaken");
    assertThat(status.components()).isEmpty();
  }

  @Test
  void whatCouldNotBeAppliedIsNamed() {
    Seen seen = new Seen();
    seen.failures = Map.of("Service heddle-ca", "forbidden");

    assertCondition(seen, "Ready", "ApplyFailed", "Service heddle-ca: forbidden");
  }

  @Test
  void theTimeOfAConditionChangesWithItsStatusOnly() {
    Seen seen = new Seen();
    seen.before =
        new MeshInstallStatus(
            2L,
            null,
            List.of(
                new Condition("Accepted", Condition.Status.TRUE, "Other", "other", EARLIER, 2L),
                new Condition(
                    "AdapterReady", Condition.Status.FALSE, "Other", "other", EARLIER, 2L)),
            List.of(),
            null);

    MeshInstallStatus status = statuses.status(seen.observation());

    assertThat(condition(status, "Accepted").lastTransitionTime()).isEqualTo(EARLIER);
    assertThat(condition(status, "AdapterReady").lastTransitionTime()).isEqualTo(NOW);
  }

  @Test
  void peopleAreToldOfChangesOnly() {
    Seen seen = new Seen();
    MeshInstallStatus well = statuses.status(seen.observation());
    seen.smiAdapter =
        component(
            "heddle-smi-adapter", 0, waiting("heddle-smi-adapter", "ErrImagePull", "not found"));
    MeshInstallStatus ill = statuses.status(seen.observation());

    assertThat(Transition.between(well, well)).isEmpty();
    assertThat(Transition.between(well, ill))
        .extracting(Transition::severity, Transition::reason)
        .containsExactly(tuple(Transition.Severity.WARNING, "ImageUnavailable"));
    assertThat(Transition.between(ill, well))
        .extracting(Transition::severity, Transition::reason)
        .containsExactly(
            tuple(Transition.Severity.NORMAL, "Available"),
            tuple(Transition.Severity.NORMAL, "Ready"));
  }

  private void assertCondition(Seen seen, String type, String reason, String message) {
    Condition condition = condition(statuses.status(seen.observation()), type);
    assertThat(condition.status()).isEqualTo(Condition.Status.FALSE);
    assertThat(condition.reason()).isEqualTo(reason);
    assertThat(condition.message()).contains(message);
  }

  private static Condition condition(MeshInstallStatus status, String type) {
    return status.condition(type).orElseThrow();
  }

  private static ComponentObservation component(String name, int ready, Pod... pods) {
    return new ComponentObservation(
        name,
        2,
        Optional.of(
            yaml(
                """
                metadata: {name: %s, generation: 7}
                spec: {template: {spec: {containers: [{name: a, image: "registry:5000/%s:0.1.0"}]}}}
                status: {observedGeneration: 7, replicas: 2, updatedReplicas: 2, readyReplicas: %d}
                """
                    .formatted(name, name, ready),
                Deployment.class)),
        List.of(pods));
  }

  private static Pod waiting(String name, String reason, String message) {
    return yaml(
        """
        metadata: {name: %1$s-1, namespace: mesh}
        status:
          containerStatuses:
          - name: %1$s
            image: %1$s:0.1.0
            state: {waiting: {reason: %2$s, message: %3$s}}
            lastState: {terminated: {exitCode: 1, reason: Error, message: "HEDDLE_LOG_LEVEL: x"}}
        """
            .formatted(name, reason, message),
        Pod.class);
  }

  private static <T> T yaml(String text, Class<T> type) {
    return Serialization.unmarshal(text, type);
  }

  /** A mesh that is well, but for what a test changes. */
  private static final class Seen {
    private ComponentObservation certificateAuthority = component("heddle-ca", 2);
    private ComponentObservation smiAdapter = component("heddle-smi-adapter", 2);
    private CertificateSecret root =
        new CertificateSecret.Valid("mesh/heddle-root", EXPIRY.plusSeconds(2), Optional.empty());
    private CertificateSecret webhookCertificate =
        new CertificateSecret.Valid("mesh/heddle-webhook-certificate", EXPIRY, Optional.of(BUNDLE));
    private Optional<String> caBundle = Optional.of(BUNDLE);
    private Optional<String> takenBy = Optional.empty();
    private Map<String, String> failures = Map.of();
    private @Nullable String rootSecretName;
    private @Nullable MeshInstallStatus before;

    private MeshObservation observation() {
      MeshInstall install =
          yaml(
              """
              metadata: {name: heddle, generation: 3}
              spec: {namespace: mesh, certificateAuthority: {rootSecretName: %s}}
              """
                  .formatted(rootSecretName),
              MeshInstall.class);
      install.setStatus(before);
      return new MeshObservation(
          install,
          "0.1.0",
          takenBy,
          certificateAuthority,
          smiAdapter,
          root,
          new CertificateSecret.Valid(
              "mesh/heddle-intermediate", EXPIRY.plusSeconds(1), Optional.empty()),
          webhookCertificate,
          caBundle,
          failures);
    }
  }
}
