package dev.heddle.operator.status;

import dev.heddle.crds.install.CertificateExpiry;
import dev.heddle.crds.install.Condition;
import dev.heddle.crds.install.MeshInstallStatus;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The one place where the status of a MeshInstall is made. */
public final class StatusFactory {
  /** The MeshInstall is the one that its namespace belongs to. */
  public static final String ACCEPTED = "Accepted";

  public static final String CERTIFICATE_AUTHORITY_READY = "CertificateAuthorityReady";
  public static final String ADAPTER_READY = "AdapterReady";
  public static final String WEBHOOK_READY = "WebhookReady";

  /** Everything else is so. */
  public static final String READY = "Ready";

  /** The reason of {@link #READY} when an object could not be applied. */
  static final String APPLY_FAILED = "ApplyFailed";

  private static final Finding NOT_ACCEPTED =
      Finding.unknown("NotAccepted", "Nothing is installed for this MeshInstall");

  private final Clock clock;

  /** Makes statuses with the time of a clock. */
  public StatusFactory(Clock clock) {
    this.clock = clock;
  }

  /**
   * The status of a mesh, given what was seen of it. Times of conditions that did not change are
   * kept.
   */
  public MeshInstallStatus status(MeshObservation mesh) {
    Map<String, Finding> findings = new LinkedHashMap<>();
    Finding accepted = accepted(mesh);
    findings.put(ACCEPTED, accepted);
    if (accepted.isGood()) {
      findings.put(CERTIFICATE_AUTHORITY_READY, certificateAuthority(mesh));
      findings.put(ADAPTER_READY, ComponentFindings.find(mesh.smiAdapter()));
      findings.put(WEBHOOK_READY, webhook(mesh));
    } else {
      findings.put(CERTIFICATE_AUTHORITY_READY, NOT_ACCEPTED);
      findings.put(ADAPTER_READY, NOT_ACCEPTED);
      findings.put(WEBHOOK_READY, NOT_ACCEPTED);
    }
    findings.put(READY, ready(findings, mesh.failures()));

    MeshInstallStatus before =
        Objects.requireNonNullElse(mesh.install().getStatus(), MeshInstallStatus.EMPTY);
    Long generation = mesh.install().getMetadata().getGeneration();
    List<Condition> conditions =
        findings.entrySet().stream()
            .map(entry -> condition(before, entry.getKey(), entry.getValue(), generation))
            .toList();
    return accepted.isGood()
        ? new MeshInstallStatus(
            generation,
            mesh.version(),
            conditions,
            mesh.components().stream().map(ComponentFindings::status).toList(),
            certificateExpiry(mesh))
        : new MeshInstallStatus(generation, null, conditions, List.of(), null);
  }

  private static Finding accepted(MeshObservation mesh) {
    return mesh.takenBy()
        .map(holder ->
            Finding.bad(
                "NamespaceTaken",
                "spec.namespace: "
                    + mesh.install().getSpec().namespace()
                    + " (expected: a namespace that no older MeshInstall has; MeshInstall "
                    + holder
                    + " has this one)"))
        .orElseGet(() -> Finding.good("Accepted", "The namespace is this MeshInstall's"));
  }

  private static Finding certificateAuthority(MeshObservation mesh) {
    boolean ownRoot = mesh.install().getSpec().certificateAuthority().rootSecretName() == null;
    return switch (mesh.root()) {
      case CertificateSecret.Missing(String id) when !ownRoot ->
          Finding.bad(
              "RootSecretMissing",
              "Secret "
                  + id
                  + ": not found (spec.certificateAuthority.rootSecretName; expected keys: tls.crt, tls.key)");
      case CertificateSecret.Malformed(String id, String key, String problem) ->
          Finding.bad("RootSecretMalformed", "Secret " + id + ", key " + key + ": " + problem);
      case CertificateSecret.Missing _, CertificateSecret.Valid _ ->
          ComponentFindings.find(mesh.certificateAuthority());
    };
  }

  private static Finding webhook(MeshObservation mesh) {
    return switch (mesh.webhookCertificate()) {
      case CertificateSecret.Missing(String id) ->
          Finding.bad(
              "CertificateMissing",
              "Secret " + id + ": not found; the certificate authority writes it when it is ready");
      case CertificateSecret.Malformed(String id, String key, String problem) ->
          Finding.bad("CertificateMalformed", "Secret " + id + ", key " + key + ": " + problem);
      case CertificateSecret.Valid(String id, Instant _, Optional<String> trustAnchors) ->
          trustAnchors
              .map(expected -> webhook(mesh, expected))
              .orElseGet(() ->
                  Finding.bad(
                      "CertificateMalformed",
                      "Secret " + id + ", key " + CertificateSecret.TRUST_ANCHORS + ": missing"));
    };
  }

  private static Finding webhook(MeshObservation mesh, String expected) {
    return mesh.webhookCaBundle()
        .map(actual ->
            actual.equals(expected)
                ? Finding.good("Configured", "Pods that ask for a proxy get one")
                : Finding.bad(
                    "CertificateChanged", "The webhooks still have the former certificate"))
        .orElseGet(() -> Finding.bad("WebhookMissing", "The webhooks are not applied yet"));
  }

  private static Finding ready(Map<String, Finding> findings, Map<String, String> failures) {
    if (!failures.isEmpty()) {
      return Finding.bad(
          APPLY_FAILED,
          failures.entrySet().stream()
              .map(failure -> failure.getKey() + ": " + failure.getValue())
              .sorted()
              .collect(Collectors.joining("; ")));
    }
    return findings.entrySet().stream()
        .filter(entry -> !entry.getValue().isGood())
        .findFirst()
        .map(entry ->
            Finding.bad(
                entry.getValue().reason(), entry.getKey() + ": " + entry.getValue().message()))
        .orElseGet(() -> Finding.good("Ready", "Every part of the mesh can do its work"));
  }

  private static @Nullable CertificateExpiry certificateExpiry(MeshObservation mesh) {
    Optional<Instant> root = expiry(mesh.root());
    Optional<Instant> intermediate = expiry(mesh.intermediate());
    Optional<Instant> webhook = expiry(mesh.webhookCertificate());
    return Stream.of(root, intermediate, webhook)
        .flatMap(Optional::stream)
        .min(Instant::compareTo)
        .map(earliest ->
            new CertificateExpiry(
                root.orElse(null), intermediate.orElse(null), webhook.orElse(null), earliest))
        .orElse(null);
  }

  private static Optional<Instant> expiry(CertificateSecret secret) {
    return switch (secret) {
      case CertificateSecret.Valid valid -> Optional.of(valid.expiry());
      case CertificateSecret.Missing _, CertificateSecret.Malformed _ -> Optional.empty();
    };
  }

  private Condition condition(
      MeshInstallStatus before, String type, Finding finding, @Nullable Long generation) {
    Instant since =
        before
            .condition(type)
            .filter(former -> former.status() == finding.status())
            .map(Condition::lastTransitionTime)
            .orElseGet(() -> clock.instant().truncatedTo(ChronoUnit.SECONDS));
    return new Condition(
        type, finding.status(), finding.reason(), finding.message(), since, generation);
  }
}
