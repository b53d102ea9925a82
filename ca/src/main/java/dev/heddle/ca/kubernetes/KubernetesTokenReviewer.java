package dev.heddle.ca.kubernetes;

import dev.heddle.ca.authentication.Authenticator;
import dev.heddle.ca.authentication.ReviewUnavailableException;
import dev.heddle.ca.authentication.TokenReviewResult;
import dev.heddle.ca.authentication.TokenReviewer;
import io.fabric8.kubernetes.api.model.authentication.TokenReview;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewStatus;
import io.fabric8.kubernetes.api.model.authentication.UserInfo;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.List;
import java.util.Map;

/** Reviews tokens by the API server. */
public final class KubernetesTokenReviewer implements TokenReviewer {
  private final KubernetesClient client;

  public KubernetesTokenReviewer(KubernetesClient client) {
    this.client = client;
  }

  @Override
  public TokenReviewResult review(String token) throws ReviewUnavailableException {
    TokenReview request =
        new TokenReviewBuilder()
            .withNewSpec()
            .withToken(token)
            .withAudiences(Authenticator.AUDIENCE)
            .endSpec()
            .build();
    TokenReviewStatus status;
    try {
      status = client.tokenReviews().create(request).getStatus();
    } catch (KubernetesClientException e) {
      throw new ReviewUnavailableException("the API server did not review a token", e);
    }
    if (status == null
        || !Boolean.TRUE.equals(status.getAuthenticated())
        || status.getUser() == null) {
      return new TokenReviewResult(false, "", List.of(), Map.of());
    }
    UserInfo user = status.getUser();
    return new TokenReviewResult(
        true,
        user.getUsername() == null ? "" : user.getUsername(),
        status.getAudiences() == null ? List.of() : status.getAudiences(),
        user.getExtra() == null ? Map.of() : user.getExtra());
  }
}
