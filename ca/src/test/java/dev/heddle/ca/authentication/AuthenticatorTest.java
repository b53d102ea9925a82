package dev.heddle.ca.authentication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class AuthenticatorTest {
  private static final Map<String, List<String>> BOUND =
      Map.of("authentication.kubernetes.io/pod-name", List.of("cart-1"));
  private static final String ACCOUNT = "system:serviceaccount:shop:cart";

  @Test
  void takesAccountAndPodFromTheReview() throws Exception {
    assertThat(authenticate(new TokenReviewResult(true, ACCOUNT, List.of("heddle-ca"), BOUND)))
        .isEqualTo(new Caller("shop", "cart", "cart-1"));
  }

  @Test
  void refusesWhatTheReviewDoesNotProve() {
    assertRefused(
        new TokenReviewResult(false, ACCOUNT, List.of("heddle-ca"), BOUND),
        "the token is not valid");
    assertRefused(
        new TokenReviewResult(true, ACCOUNT, List.of("https://kubernetes.default.svc"), BOUND),
        "the token is not for the audience heddle-ca");
    assertRefused(
        new TokenReviewResult(true, ACCOUNT, List.of(), BOUND),
        "the token is not for the audience heddle-ca");
    assertRefused(
        new TokenReviewResult(true, "alice", List.of("heddle-ca"), BOUND),
        "the token is not that of a ServiceAccount");
    assertRefused(
        new TokenReviewResult(true, ACCOUNT + ":x", List.of("heddle-ca"), BOUND),
        "the token is not that of a ServiceAccount");
    assertRefused(
        new TokenReviewResult(true, ACCOUNT, List.of("heddle-ca"), Map.of()),
        "the token is not bound to a pod");
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(
      strings = {
        "",
        "Bearer",
        "Bearer ",
        "Basic a.b.c",
        "Bearer a.b",
        "Bearer a.b.c.d",
        "Bearer a b.c.d"
      })
  void doesNotBotherTheApiServerWithWhatIsNoToken(@Nullable String authorization) {
    AtomicInteger reviews = new AtomicInteger();
    Authenticator authenticator =
        new Authenticator(token -> {
          reviews.incrementAndGet();
          throw new ReviewUnavailableException("asked", new RuntimeException());
        });

    assertThatThrownBy(() -> authenticator.authenticate(authorization))
        .isInstanceOf(UnauthenticatedException.class);
    assertThat(reviews).hasValue(0);
  }

  private static Caller authenticate(TokenReviewResult result) throws Exception {
    return new Authenticator(token -> result).authenticate("Bearer a.b.c");
  }

  private static void assertRefused(TokenReviewResult result, String reason) {
    assertThatThrownBy(() -> authenticate(result))
        .isInstanceOf(UnauthenticatedException.class)
        .hasMessage(reason);
  }
}
