package dev.heddle.ca.rotation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.ca.certificates.CertificateMaker;
import dev.heddle.ca.certificates.KeyedChain;
import dev.heddle.ca.certificates.Root;
import dev.heddle.ca.certificates.SigningAuthority;
import dev.heddle.meshapi.identity.Pem;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AuthorityKeeperTest {
  private static final Duration WORKLOAD = Duration.ofHours(24);

  private final SettableClock clock = new SettableClock(Instant.parse("2026-05-01T12:00:00Z"));
  private final MemoryStore store = new MemoryStore();
  private final CertificateMaker maker = new CertificateMaker(clock, new SecureRandom());
  private final AuthorityKeeper keeper = keeper("heddle-root");

  @Test
  void makesEverythingOnFirstStartAndChangesNothingAfterwards() throws Exception {
    assertThat(keeper.keep()).isEmpty();
    Map<String, StoredSecret> first = store.secrets();
    assertThat(keeper.keep()).isEmpty();

    assertThat(first.keySet())
        .containsExactlyInAnyOrder(
            "heddle-root",
            "heddle-intermediate",
            "heddle-webhook-root",
            "heddle-webhook-certificate");
    assertThat(store.secrets()).isEqualTo(first);
    assertThat(authority().trustAnchors()).containsExactlyElementsOf(anchors("heddle-root"));
    assertThat(Pem.certificates(store.published())).isEqualTo(authority().trustAnchors());
    assertThat(authority().trustAnchors())
        .as("the webhook's root is none of the mesh")
        .doesNotContainAnyElementsOf(anchors("heddle-webhook-root"));
  }

  @Test
  void aSecondReplicaDoesNotReplaceWhatTheFirstMade() {
    assertThat(keeper.keep()).isEmpty();
    Map<String, StoredSecret> first = store.secrets();

    assertThat(keeper("heddle-root").keep()).isEmpty();

    assertThat(store.secrets()).isEqualTo(first);
  }

  @Test
  void reportsALostRaceAndRecovers() {
    store.failNextWrite();

    assertThat(keeper.keep()).isNotEmpty();
    assertThat(keeper.keep()).isEmpty();
  }

  @Test
  void renewsTheIntermediateBelowTheSameAnchor() throws Exception {
    assertThat(keeper.keep()).isEmpty();
    SigningAuthority before = authority();

    clock.advance(Duration.ofDays(300));
    assertThat(keeper.keep()).isEmpty();

    assertThat(authority().issuer()).isNotEqualTo(before.issuer());
    assertThat(authority().trustAnchors()).isEqualTo(before.trustAnchors());
  }

  @Test
  void renewsTheWebhookCertificateBelowTheSameRoot() throws Exception {
    assertThat(keeper.keep()).isEmpty();
    StoredSecret before = store.required("heddle-webhook-certificate");

    clock.advance(Duration.ofDays(70));
    assertThat(keeper.keep()).isEmpty();

    StoredSecret after = store.required("heddle-webhook-certificate");
    assertThat(after.data().get("tls.crt")).isNotEqualTo(before.data().get("tls.crt"));
    assertThat(after.data().get("ca.crt")).isEqualTo(before.data().get("ca.crt"));
  }

  @Test
  void makesTheWebhookCertificateAnewThatLacksAName() throws Exception {
    assertThat(keeper.keep()).isEmpty();
    StoredSecret before = store.required("heddle-webhook-certificate");
    AuthorityKeeper next =
        keeper(
            "heddle-root",
            "heddle-smi-adapter.heddle-system.svc",
            "heddle-conversion.heddle-system.svc");

    assertThat(next.keep()).isEmpty();

    StoredSecret after = store.required("heddle-webhook-certificate");
    assertThat(after.data().get("tls.crt")).isNotEqualTo(before.data().get("tls.crt"));
    assertThat(after.data().get("ca.crt")).isEqualTo(before.data().get("ca.crt"));
    assertThat(next.keep()).isEmpty();
    assertThat(store.required("heddle-webhook-certificate")).isEqualTo(after);
  }

  @Test
  void anOwnRootThatEndsIsFollowedByAnotherWithoutABreak() throws Exception {
    assertThat(keeper.keep()).isEmpty();
    X509Certificate oldAnchor = authority().trustAnchors().getFirst();

    advanceKeeping(Duration.ofDays(2950), Duration.ofDays(50));
    SigningAuthority announcing = authority();
    assertThat(announcing.trustAnchors()).hasSize(2).contains(oldAnchor);
    assertThat(Root.isIssuedBy(announcing.issuer().certificate(), oldAnchor))
        .as("nothing is signed below the new anchor before peers know it")
        .isTrue();

    clock.advance(WORKLOAD.plusMinutes(1));
    assertThat(keeper.keep()).isEmpty();
    SigningAuthority switched = authority();
    assertThat(Root.isIssuedBy(switched.issuer().certificate(), oldAnchor)).isFalse();
    assertThat(switched.trustAnchors())
        .as("leaves of the old anchor are still alive")
        .hasSize(2)
        .contains(oldAnchor);

    clock.advance(WORKLOAD.plusHours(2));
    assertThat(keeper.keep()).isEmpty();
    assertThat(authority().trustAnchors()).hasSize(1).doesNotContain(oldAnchor);
  }

  @Test
  void aUsersRootReplacesOursInTheSameTwoSteps() throws Exception {
    assertThat(keeper.keep()).isEmpty();
    X509Certificate ours = authority().trustAnchors().getFirst();
    KeyedChain users = maker.root("users", Duration.ofDays(1000));
    store.put("users-root", users.chain(), Pem.encodePrivateKey(users.privateKey()), List.of());
    AuthorityKeeper next = keeper("users-root");

    assertThat(next.keep()).isEmpty();
    assertThat(authority().trustAnchors()).containsExactly(ours, users.certificate());
    assertThat(Root.isIssuedBy(authority().issuer().certificate(), ours)).isTrue();

    clock.advance(WORKLOAD);
    assertThat(next.keep()).isEmpty();
    assertThat(Root.isIssuedBy(authority().issuer().certificate(), users.certificate())).isTrue();
  }

  @Test
  void aUsersIntermediateSignsBelowTheUsersAnchor() throws Exception {
    KeyedChain top = maker.root("top", Duration.ofDays(1000));
    store.put("users-root", top.chain(), Pem.encodePrivateKey(top.privateKey()), List.of());
    assertThat(keeper("users-root").keep()).isEmpty();

    assertThat(authority().trustAnchors()).containsExactly(top.certificate());
    assertThat(store.secrets()).doesNotContainKey("heddle-root");
  }

  @Test
  void saysWhatIsWrongWithAUsersRootAndKeepsSigning() throws Exception {
    assertThat(keeper.keep()).isEmpty();
    SigningAuthority before = authority();
    AuthorityKeeper users = keeper("users-root");

    assertThat(users.keep())
        .containsExactly(
            "Secret users-root: missing (expected: tls.crt and tls.key of an authority)");

    KeyedChain one = maker.root("one", Duration.ofDays(100));
    KeyedChain two = maker.root("two", Duration.ofDays(100));
    store.put("users-root", one.chain(), Pem.encodePrivateKey(two.privateKey()), List.of());
    assertThat(users.keep())
        .containsExactly("Secret users-root: tls.key: the key is not that of the certificate");

    store.put("users-root", one.chain(), "nonsense", List.of());
    assertThat(users.keep())
        .containsExactly(
            "Secret users-root: tls.key: not readable (expected: an unencrypted EC or RSA key in"
                + " PEM)");

    KeyedChain leaf =
        maker.server(Root.of(one, List.of(), clock.instant()), List.of("a.b"), Duration.ofDays(1));
    store.put("users-root", leaf.chain(), Pem.encodePrivateKey(leaf.privateKey()), List.of());
    assertThat(users.keep())
        .containsExactly(
            "Secret users-root: tls.crt: not the certificate of an authority (expected: basic"
                + " constraint CA)");

    KeyedChain low =
        maker.intermediate(
            Root.of(one, List.of(), clock.instant()), "cluster.local", Duration.ofDays(9));
    store.put("users-root", low.chain(), Pem.encodePrivateKey(low.privateKey()), one.chain());
    assertThat(users.keep())
        .containsExactly(
            "Secret users-root: tls.crt: path length 0 (expected: at least 1, for the intermediate"
                + " that Heddle makes)");
    assertThat(authority()).isEqualTo(before);
  }

  @Test
  void aDamagedIntermediateIsMadeAnew() throws Exception {
    assertThat(keeper.keep()).isEmpty();
    store.put("heddle-intermediate", anchors("heddle-root"), "nonsense", List.of());

    assertThat(keeper.keep()).isEmpty();

    assertThat(authority().trustAnchors()).containsExactlyElementsOf(anchors("heddle-root"));
  }

  private void advanceKeeping(Duration total, Duration step) {
    for (Duration passed = Duration.ZERO; passed.compareTo(total) < 0; passed = passed.plus(step)) {
      clock.advance(step);
      assertThat(keeper.keep()).isEmpty();
    }
  }

  private AuthorityKeeper keeper(String rootSecret) {
    return keeper(rootSecret, "heddle-smi-adapter.heddle-system.svc");
  }

  private AuthorityKeeper keeper(String rootSecret, String... webhookNames) {
    return new AuthorityKeeper(
        new AuthoritySettings(
            "cluster.local",
            rootSecret,
            List.of(webhookNames),
            WORKLOAD,
            Duration.ofDays(365),
            Duration.ofDays(3650)),
        store,
        maker,
        clock);
  }

  private SigningAuthority authority() throws Exception {
    return AuthorityKeeper.signingAuthority(store.required("heddle-intermediate"));
  }

  private List<X509Certificate> anchors(String secret) throws Exception {
    return Pem.certificates(String.valueOf(store.required(secret).data().get("tls.crt")));
  }
}
