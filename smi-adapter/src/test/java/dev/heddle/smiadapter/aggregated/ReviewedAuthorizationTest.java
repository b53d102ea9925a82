package dev.heddle.smiadapter.aggregated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReview;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class ReviewedAuthorizationTest {

  private static final User ALICE =
      new User("alice", "42", List.of("dev"), Map.of("acme.com/project", List.of("one")));
  private static final Attributes LIST =
      new Attributes.OfResource("list", "v1alpha1", "pods", "", "shop", "");

  private final AtomicLong nanos = new AtomicLong();
  private final List<SubjectAccessReview> reviews = new ArrayList<>();
  private volatile boolean allowed = true;
  private final ReviewedAuthorization authorization =
      new ReviewedAuthorization(this::review, nanos::get);

  @Test
  void asksTheApiServer() throws ApiException {
    authorization.require(ALICE, LIST);

    assertThat(reviews)
        .singleElement()
        .satisfies(review -> {
          assertThat(review.getSpec().getUser()).isEqualTo("alice");
          assertThat(review.getSpec().getUid()).isEqualTo("42");
          assertThat(review.getSpec().getGroups()).containsExactly("dev");
          assertThat(review.getSpec().getExtra()).containsEntry("acme.com/project", List.of("one"));
          assertThat(review.getSpec().getResourceAttributes().getGroup())
              .isEqualTo("metrics.smi-spec.io");
          assertThat(review.getSpec().getResourceAttributes().getResource()).isEqualTo("pods");
          assertThat(review.getSpec().getResourceAttributes().getNamespace()).isEqualTo("shop");
          assertThat(review.getSpec().getResourceAttributes().getVerb()).isEqualTo("list");
        });
  }

  @Test
  void remembersYesAndNoForTenSeconds() throws ApiException {
    authorization.require(ALICE, LIST);
    allowed = false;
    authorization.require(ALICE, LIST);
    assertThat(reviews).hasSize(1);

    nanos.addAndGet(Duration.ofSeconds(10).toNanos());
    assertThatThrownBy(() -> authorization.require(ALICE, LIST))
        .isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.code()).isEqualTo(403));
    allowed = true;
    assertThatThrownBy(() -> authorization.require(ALICE, LIST)).isInstanceOf(ApiException.class);
    assertThat(reviews).hasSize(2);
  }

  @Test
  void doesNotMixUsersOrRequests() throws ApiException {
    authorization.require(ALICE, LIST);
    authorization.require(new User("alice", "42", List.of(), ALICE.extra()), LIST);
    authorization.require(ALICE, new Attributes.OfPath("get", "/apis"));

    assertThat(reviews).hasSize(3);
    assertThat(reviews.getLast().getSpec().getNonResourceAttributes().getPath()).isEqualTo("/apis");
  }

  @Test
  void administratorsMayAlways() throws ApiException {
    allowed = false;

    authorization.require(new User("root", "", List.of("system:masters"), Map.of()), LIST);

    assertThat(reviews).isEmpty();
  }

  @Test
  void nobodyMayWhenItCannotBeFoundOut() {
    ReviewedAuthorization broken =
        new ReviewedAuthorization(
            review -> {
              throw new KubernetesClientException("away");
            },
            nanos::get);

    assertThatThrownBy(() -> broken.require(ALICE, LIST))
        .isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.code()).isEqualTo(500));
  }

  private SubjectAccessReview review(SubjectAccessReview asked) {
    reviews.add(asked);
    return new SubjectAccessReviewBuilder(asked)
        .withNewStatus()
        .withAllowed(allowed)
        .endStatus()
        .build();
  }
}
