package dev.heddle.ca.rotation;

import dev.heddle.ca.certificates.CertificateMaker;
import dev.heddle.ca.certificates.KeyedChain;
import dev.heddle.ca.certificates.KeyedChainPem;
import dev.heddle.ca.certificates.Root;
import dev.heddle.ca.certificates.SigningAuthority;
import dev.heddle.meshapi.identity.Pem;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that roots, the intermediate, the webhook's certificate and the published trust
 * anchors exist and are renewed in time. Only the replica that holds the Lease calls it; a write by
 * anybody else in between fails by its version and is looked at again with the next call.
 */
public final class AuthorityKeeper {
  private static final Logger LOGGER = LoggerFactory.getLogger(AuthorityKeeper.class);

  /** Marks a root that the CA made, and may therefore replace. */
  private static final String GENERATED = "heddle.dev/generated";

  /**
   * Time for the replicas to read a new intermediate, and for the operator to copy a new anchor.
   */
  private static final Duration PROPAGATION = Duration.ofHours(1);

  private static final Duration WEBHOOK_LIFETIME = Duration.ofDays(90);

  private final AuthoritySettings settings;
  private final AuthorityStore store;
  private final CertificateMaker maker;
  private final Clock clock;

  public AuthorityKeeper(
      AuthoritySettings settings, AuthorityStore store, CertificateMaker maker, Clock clock) {
    this.settings = settings;
    this.store = store;
    this.maker = maker;
    this.clock = clock;
  }

  /**
   * Brings everything up to date.
   *
   * @return what could not be, as sentences for the operator that name the Secret; empty if all is
   *     well
   */
  public List<String> keep() {
    List<String> problems = new ArrayList<>();
    attempt(problems, this::keepIntermediate);
    attempt(problems, this::keepWebhookCertificate);
    return List.copyOf(problems);
  }

  /**
   * Reads what to sign with from the intermediate's Secret.
   *
   * @throws GeneralSecurityException naming what is wrong with it
   */
  public static SigningAuthority signingAuthority(StoredSecret secret)
      throws GeneralSecurityException {
    return new SigningAuthority(
        keyedChain(secret), KeyedChainPem.certificates("ca.crt", text(secret, "ca.crt")));
  }

  private interface Step {
    void run() throws StoreException, GeneralSecurityException;
  }

  private static void attempt(List<String> problems, Step step) {
    try {
      step.run();
    } catch (StoreException | GeneralSecurityException | RuntimeException e) {
      LOGGER.debug("A step failed", e);
      problems.add(e.getMessage() == null ? e.toString() : e.getMessage());
    }
  }

  private void keepIntermediate() throws StoreException, GeneralSecurityException {
    Root root =
        root(
            settings.rootSecret(),
            "Heddle root",
            settings.rootSecret().equals(AuthoritySettings.OWN_ROOT_SECRET));
    RotationPolicy policy =
        new RotationPolicy(
            settings.workloadLifetime(), settings.workloadLifetime().plus(PROPAGATION));
    List<X509Certificate> anchors =
        keepIssued(
            AuthoritySettings.INTERMEDIATE_SECRET,
            root,
            policy,
            _ -> true,
            () ->
                maker.intermediate(root, settings.trustDomain(), settings.intermediateLifetime()));
    store.publishTrustAnchors(Pem.encodeCertificates(anchors));
  }

  private void keepWebhookCertificate() throws StoreException, GeneralSecurityException {
    Root root = root(AuthoritySettings.WEBHOOK_ROOT_SECRET, "Heddle webhook root", true);
    keepIssued(
        AuthoritySettings.WEBHOOK_SECRET,
        root,
        new RotationPolicy(PROPAGATION, PROPAGATION),
        this::namesTheWebhooks,
        () -> maker.server(root, settings.webhookDnsNames(), WEBHOOK_LIFETIME));
  }

  private Root root(String name, String commonName, boolean make)
      throws StoreException, GeneralSecurityException {
    Optional<StoredSecret> stored = store.read(name);
    Instant now = clock.instant();
    if (stored.isPresent() && !isDue(stored.get(), now)) {
      return asRoot(stored.get(), now);
    }
    if (stored.isEmpty() && !make) {
      throw new GeneralSecurityException(
          "Secret " + name + ": missing (expected: tls.crt and tls.key of an authority)");
    }
    StoredSecret made =
        new StoredSecret(
            name,
            stored.map(StoredSecret::version).orElse(""),
            data(maker.root(commonName, settings.rootLifetime()), List.of()),
            Map.of(GENERATED, "true"));
    store.write(made);
    LOGGER.info("Made a new root in Secret {}", name);
    return asRoot(made, now);
  }

  private static boolean isDue(StoredSecret secret, Instant now) throws GeneralSecurityException {
    if (!"true".equals(secret.annotations().get(GENERATED))) {
      return false;
    }
    X509Certificate certificate = keyedChain(secret).certificate();
    Instant end = certificate.getNotAfter().toInstant();
    Duration life = Duration.between(certificate.getNotBefore().toInstant(), end);
    return now.isAfter(end.minus(RotationPolicy.renewRootBefore(life)));
  }

  private static Root asRoot(StoredSecret secret, Instant now) throws GeneralSecurityException {
    String authorities = secret.data().get(StoredSecret.AUTHORITY);
    try {
      return Root.of(
          keyedChain(secret),
          authorities == null || authorities.isBlank()
              ? List.of()
              : KeyedChainPem.certificates(StoredSecret.AUTHORITY, authorities),
          now);
    } catch (GeneralSecurityException e) {
      throw named(secret, e);
    }
  }

  private interface Issuance {
    KeyedChain issue() throws GeneralSecurityException;
  }

  /** One that an earlier version made may lack a name, and is made anew. */
  private boolean namesTheWebhooks(X509Certificate certificate) {
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      return names != null
          && names.stream()
              .map(name -> name.get(1))
              .collect(Collectors.toSet())
              .containsAll(settings.webhookDnsNames());
    } catch (CertificateParsingException e) {
      LOGGER.warn("The webhook's certificate has no names that can be read; it is made anew", e);
      return false;
    }
  }

  private List<X509Certificate> keepIssued(
      String name,
      Root root,
      RotationPolicy policy,
      Predicate<X509Certificate> usable,
      Issuance issuance)
      throws StoreException, GeneralSecurityException {
    Optional<StoredSecret> stored = store.read(name);
    Optional<KeyedChain> existing =
        stored.flatMap(AuthorityKeeper::readable).filter(keyed -> usable.test(keyed.certificate()));
    TrustAnchorHistory history =
        stored.map(AuthorityKeeper::history).orElse(TrustAnchorHistory.none());
    Rotation rotation = Rotation.plan(root, existing, history, clock.instant(), policy);
    if (rotation.issue() || !rotation.history().equals(history)) {
      KeyedChain keyed = rotation.issue() ? issuance.issue() : existing.orElseThrow();
      Map<String, String> annotations = new HashMap<>();
      stored.ifPresent(secret -> annotations.putAll(secret.annotations()));
      annotations.keySet().removeIf(TrustAnchorHistory::isOwn);
      annotations.putAll(rotation.history().annotations());
      store.write(
          new StoredSecret(
              name,
              stored.map(StoredSecret::version).orElse(""),
              data(keyed, rotation.history().anchors()),
              annotations));
      LOGGER.info(
          "Secret {}: {}, {} trust anchors",
          name,
          rotation.issue()
              ? "new certificate until " + keyed.certificate().getNotAfter().toInstant()
              : "trust anchors changed",
          rotation.history().anchors().size());
    }
    return rotation.history().anchors();
  }

  /** One that is damaged is made anew: nothing can be signed with it anyway. */
  private static Optional<KeyedChain> readable(StoredSecret secret) {
    try {
      return Optional.of(keyedChain(secret));
    } catch (GeneralSecurityException e) {
      LOGGER.warn("Secret {} is replaced", secret.name(), e);
      return Optional.empty();
    }
  }

  private static TrustAnchorHistory history(StoredSecret secret) {
    try {
      return TrustAnchorHistory.read(
          KeyedChainPem.certificates("ca.crt", text(secret, StoredSecret.AUTHORITY)),
          secret.annotations());
    } catch (GeneralSecurityException e) {
      LOGGER.warn("Secret {}: its trust anchors are lost", secret.name(), e);
      return TrustAnchorHistory.none();
    }
  }

  private static KeyedChain keyedChain(StoredSecret secret) throws GeneralSecurityException {
    try {
      return KeyedChainPem.parse(
          text(secret, StoredSecret.CERTIFICATE), text(secret, StoredSecret.KEY));
    } catch (GeneralSecurityException e) {
      throw named(secret, e);
    }
  }

  private static String text(StoredSecret secret, String key) throws GeneralSecurityException {
    String text = secret.data().get(key);
    if (text == null || text.isBlank()) {
      throw new GeneralSecurityException(key + ": missing (expected: PEM)");
    }
    return text;
  }

  private static GeneralSecurityException named(StoredSecret secret, GeneralSecurityException e) {
    String prefix = "Secret " + secret.name() + ": ";
    String message = String.valueOf(e.getMessage());
    return message.startsWith(prefix) ? e : new GeneralSecurityException(prefix + message, e);
  }

  private static Map<String, String> data(KeyedChain keyed, List<X509Certificate> anchors)
      throws GeneralSecurityException {
    List<X509Certificate> authorities = anchors.isEmpty() ? List.of(keyed.certificate()) : anchors;
    return Map.of(
        StoredSecret.CERTIFICATE, Pem.encodeCertificates(keyed.chain()),
        StoredSecret.KEY, Pem.encodePrivateKey(keyed.privateKey()),
        StoredSecret.AUTHORITY, Pem.encodeCertificates(authorities));
  }
}
