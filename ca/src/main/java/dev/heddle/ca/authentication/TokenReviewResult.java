package dev.heddle.ca.authentication;

import java.util.List;
import java.util.Map;

/**
 * The status of a TokenReview ({@code authentication.k8s.io/v1}).
 *
 * @param authenticated whether the token is one of the cluster's, and valid now
 * @param username for a ServiceAccount {@code system:serviceaccount:<namespace>:<name>}
 * @param audiences those asked for that the token is meant for
 * @param extra further facts
 */
public record TokenReviewResult(
    boolean authenticated,
    String username,
    List<String> audiences,
    Map<String, List<String>> extra) {
  public TokenReviewResult {
    audiences = List.copyOf(audiences);
    extra = Map.copyOf(extra);
  }
}
