package dev.heddle.operator.reconcile;

import dev.heddle.crds.install.MeshInstall;
import dev.heddle.operator.resources.MeshObjects;
import dev.heddle.operator.status.CertificateSecret;
import io.fabric8.kubernetes.api.model.Secret;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.dependent.DependentResource;
import io.javaoperatorsdk.operator.api.reconciler.dependent.ReconcileResult;
import java.util.Optional;

/**
 * The adapter's certificate, which the certificate authority writes. Only looked at: what needs it
 * waits for it, and stays as it is should it ever vanish.
 */
final class WebhookCertificate implements DependentResource<Secret, MeshInstall> {
  @Override
  public ReconcileResult<Secret> reconcile(MeshInstall install, Context<MeshInstall> context) {
    return ReconcileResult.noOperation(
        getSecondaryResource(install, context).orElseGet(Secret::new));
  }

  @Override
  public Class<Secret> resourceType() {
    return Secret.class;
  }

  @Override
  public String name() {
    return MeshObjects.WEBHOOK_SECRET;
  }

  @Override
  public Optional<Secret> getSecondaryResource(MeshInstall install, Context<MeshInstall> context) {
    return context.getSecondaryResource(Secret.class, MeshObjects.WEBHOOK_SECRET);
  }

  /**
   * What the API server verifies the adapter of a mesh with, PEM in Base64; empty as long as there
   * is none.
   */
  static Optional<String> caBundle(MeshInstall install, Context<MeshInstall> context) {
    return trustAnchors(
        CertificateSecret.of(
            install.getSpec().namespace(),
            MeshObjects.WEBHOOK_SECRET,
            context.getSecondaryResource(Secret.class, MeshObjects.WEBHOOK_SECRET)));
  }

  /**
   * What the API server verifies the adapter with, PEM in Base64; empty as long as there is none.
   */
  static Optional<String> trustAnchors(CertificateSecret secret) {
    return switch (secret) {
      case CertificateSecret.Valid valid -> valid.trustAnchors();
      case CertificateSecret.Missing _, CertificateSecret.Malformed _ -> Optional.empty();
    };
  }
}
