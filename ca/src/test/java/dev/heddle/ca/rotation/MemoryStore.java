package dev.heddle.ca.rotation;

import dev.heddle.meshapi.identity.Pem;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A store with the API server's rule for concurrent writers. */
final class MemoryStore implements AuthorityStore {
  private final Map<String, StoredSecret> secrets = new HashMap<>();
  private String published = "";
  private int version;
  private boolean failNextWrite;

  @Override
  public Optional<StoredSecret> read(String name) {
    return Optional.ofNullable(secrets.get(name));
  }

  @Override
  public void write(StoredSecret secret) throws StoreException {
    String stored = read(secret.name()).map(StoredSecret::version).orElse("");
    if (failNextWrite || !stored.equals(secret.version())) {
      failNextWrite = false;
      throw new StoreException("Secret " + secret.name() + ": conflict", new RuntimeException());
    }
    secrets.put(
        secret.name(),
        new StoredSecret(
            secret.name(), String.valueOf(++version), secret.data(), secret.annotations()));
  }

  @Override
  public void publishTrustAnchors(String pem) {
    published = pem;
  }

  void put(String name, List<X509Certificate> chain, String key, List<X509Certificate> authorities)
      throws CertificateEncodingException {
    secrets.put(
        name,
        new StoredSecret(
            name,
            String.valueOf(++version),
            Map.of(
                "tls.crt", Pem.encodeCertificates(chain),
                "tls.key", key,
                "ca.crt", Pem.encodeCertificates(authorities)),
            Map.of()));
  }

  void failNextWrite() {
    failNextWrite = true;
  }

  StoredSecret required(String name) {
    return read(name).orElseThrow();
  }

  Map<String, StoredSecret> secrets() {
    return Map.copyOf(secrets);
  }

  String published() {
    return published;
  }
}
