package dev.heddle.meshapi.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.cert.CertificateParsingException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpiffeIdTest {
  @Test
  void parsesWhatItWrites() {
    SpiffeId id = SpiffeId.of("cluster.local", "shop", "cart.v2");

    assertThat(id).hasToString("spiffe://cluster.local/ns/shop/sa/cart.v2");
    assertThat(SpiffeId.parse(id.toString())).isEqualTo(id);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "spiffe://cluster.local",
        "spiffe://cluster.local/ns/shop/sa/",
        "spiffe://cluster.local/ns/shop/sa/cart/",
        "spiffe://cluster.local/ns/shop/sa/cart/x",
        "spiffe://cluster.local/ns//sa/cart",
        "spiffe://cluster.local/ns/./sa/cart",
        "spiffe://cluster.local/ns/../sa/cart",
        "spiffe://cluster.local/ns/shop/sa/c%61rt",
        "spiffe://cluster.local/ns/shop/sa/cart?x",
        "spiffe://cluster.local/ns/shop/sa/cart#x",
        "spiffe://cluster.local/ns/shop/sa/cart\n",
        "spiffe://cluster.local:80/ns/shop/sa/cart",
        "spiffe://user@cluster.local/ns/shop/sa/cart",
        "spiffe://Cluster.local/ns/shop/sa/cart",
        "SPIFFE://cluster.local/ns/shop/sa/cart",
        "https://cluster.local/ns/shop/sa/cart",
        "spiffe:///ns/shop/sa/cart"
      })
  void refusesWhatIsNoWorkload(String uri) {
    assertThatThrownBy(() -> SpiffeId.parse(uri)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void refusesALongIdWithoutRepeatingIt() {
    assertThatThrownBy(() -> SpiffeId.parse("spiffe://" + "a".repeat(3000)))
        .hasMessageContaining("3009 characters")
        .hasMessageNotContaining("aaa");
  }

  @Test
  void readsTheOnlyUriOfACertificate() throws Exception {
    TestAuthority authority = new TestAuthority("root");
    SpiffeId id = SpiffeId.of("cluster.local", "shop", "cart");

    assertThat(SpiffeId.fromCertificate(authority.workload(id, Duration.ofHours(1)).leaf()))
        .isEqualTo(id);
  }

  @Test
  void refusesACertificateWithTwoUris() throws Exception {
    TestAuthority authority = new TestAuthority("root");
    var leaf =
        authority.leaf(
            CertificateSigningRequest.newKeyPair().getPublic(),
            Duration.ofHours(1),
            "spiffe://cluster.local/ns/shop/sa/cart",
            "spiffe://cluster.local/ns/shop/sa/admin");

    assertThatThrownBy(() -> SpiffeId.fromCertificate(leaf))
        .isInstanceOf(CertificateParsingException.class)
        .hasMessage("URI names of the certificate: 2 (expected: exactly 1)");
  }
}
