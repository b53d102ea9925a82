package dev.heddle.smiadapter.webhook;

import dev.heddle.meshapi.identity.Pem;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificate in a mounted Secret, read again when the kubelet replaces it. While the files
 * cannot be read, or are half replaced, what was read before stays in use.
 */
public final class ReloadedKey extends X509ExtendedKeyManager {
  private static final Logger LOGGER = LoggerFactory.getLogger(ReloadedKey.class);
  private static final long CHECK_NANOSECONDS = Duration.ofSeconds(5).toNanos();

  private final Path certificateFile;
  private final Path keyFile;
  private volatile @Nullable Loaded loaded;
  private volatile long checked;

  private record Loaded(String text, String alias, PrivateKey key, List<X509Certificate> chain) {}

  /**
   * Reads nothing yet.
   *
   * @param directory with {@code tls.crt} and {@code tls.key}
   */
  public ReloadedKey(Path directory) {
    this.certificateFile = directory.resolve("tls.crt");
    this.keyFile = directory.resolve("tls.key");
  }

  /** Why there is nothing to serve with; empty if there is. */
  public Optional<String> missing() {
    return current() == null
        ? Optional.of(certificateFile + " or " + keyFile + " cannot be read yet")
        : Optional.empty();
  }

  private @Nullable Loaded current() {
    Loaded before = loaded;
    long now = System.nanoTime();
    if (before != null && now - checked < CHECK_NANOSECONDS) {
      return before;
    }
    checked = now;
    try {
      String certificates = Files.readString(certificateFile);
      if (before != null && before.text().equals(certificates)) {
        return before;
      }
      List<X509Certificate> chain = Pem.certificates(certificates);
      if (chain.isEmpty()) {
        throw new GeneralSecurityException(certificateFile + ": no certificate");
      }
      PrivateKey key = Pem.privateKey(Files.readString(keyFile));
      Loaded next =
          new Loaded(certificates, chain.getFirst().getSerialNumber().toString(16), key, chain);
      loaded = next;
      LOGGER.info("Webhook certificate valid until {}", chain.getFirst().getNotAfter().toInstant());
      return next;
    } catch (IOException | GeneralSecurityException e) {
      LOGGER.warn("The webhook certificate cannot be read", e);
      return before;
    }
  }

  @Override
  public @Nullable String chooseEngineServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
    Loaded now = current();
    return now == null || !keyType.equals("EC") ? null : now.alias();
  }

  @Override
  public @Nullable String chooseServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return chooseEngineServerAlias(keyType, issuers, null);
  }

  @Override
  public X509Certificate @Nullable [] getCertificateChain(String alias) {
    Loaded now = loaded;
    return now == null || !now.alias().equals(alias)
        ? null
        : now.chain().toArray(X509Certificate[]::new);
  }

  @Override
  public @Nullable PrivateKey getPrivateKey(String alias) {
    Loaded now = loaded;
    return now == null || !now.alias().equals(alias) ? null : now.key();
  }

  @Override
  public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
    String alias = chooseEngineServerAlias(keyType, issuers, null);
    return alias == null ? null : new String[] {alias};
  }

  @Override
  public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
    return null;
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return null;
  }
}
