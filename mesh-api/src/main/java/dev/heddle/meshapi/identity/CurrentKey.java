package dev.heddle.meshapi.identity;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Presents the certificate that is current when a handshake begins, so that rotation needs no
 * restart. JSSE asks for alias, chain and key in three calls; the alias carries the serial number,
 * so that a rotation between them ends the handshake instead of pairing a chain with a wrong key.
 */
final class CurrentKey extends X509ExtendedKeyManager {
  private final Supplier<Optional<WorkloadCertificate>> current;

  CurrentKey(Supplier<Optional<WorkloadCertificate>> current) {
    this.current = current;
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return alias();
  }

  @Override
  public @Nullable String chooseEngineClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
    return alias();
  }

  @Override
  public @Nullable String chooseServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return serverAlias(keyType);
  }

  @Override
  public @Nullable String chooseEngineServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
    return serverAlias(keyType);
  }

  @Override
  public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
    return aliases();
  }

  @Override
  public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
    return aliases();
  }

  @Override
  public X509Certificate @Nullable [] getCertificateChain(String alias) {
    return named(alias)
        .map(certificate -> certificate.chain().toArray(X509Certificate[]::new))
        .orElse(null);
  }

  @Override
  public @Nullable PrivateKey getPrivateKey(String alias) {
    return named(alias).map(WorkloadCertificate::privateKey).orElse(null);
  }

  private @Nullable String serverAlias(String keyType) {
    return keyType.equals("EC") ? alias() : null;
  }

  private @Nullable String alias() {
    return current.get().map(CurrentKey::aliasOf).orElse(null);
  }

  private String @Nullable [] aliases() {
    String alias = alias();
    return alias == null ? null : new String[] {alias};
  }

  private Optional<WorkloadCertificate> named(String alias) {
    return current.get().filter(certificate -> aliasOf(certificate).equals(alias));
  }

  private static String aliasOf(WorkloadCertificate certificate) {
    return certificate.leaf().getSerialNumber().toString(16);
  }
}
