package dev.heddle.smiadapter.aggregated;

import io.fabric8.kubernetes.api.model.authorization.v1.NonResourceAttributesBuilder;
import io.fabric8.kubernetes.api.model.authorization.v1.ResourceAttributesBuilder;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReview;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewSpec;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewSpecBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the API server by SubjectAccessReview and remembers the answer, yes or no, for ten seconds:
 * what every API server does that is not the API server
 * (k8s.io/apiserver/pkg/server/options/authorization.go). That the API server has authorized the
 * request before it passed it on is not relied upon.
 */
final class ReviewedAuthorization implements Authorization {

  private static final Logger LOGGER = LoggerFactory.getLogger(ReviewedAuthorization.class);
  private static final long VALID_NANOS = Duration.ofSeconds(10).toNanos();
  private static final int MAX_REMEMBERED = 1_000;

  private record Question(User user, Attributes attributes) {}

  private record Verdict(boolean allowed, String reason, long nanos) {}

  private final UnaryOperator<SubjectAccessReview> reviewer;
  private final LongSupplier nanoTime;
  private final Map<Question, Verdict> verdicts = new LinkedHashMap<>();

  /**
   * Remembers nothing yet.
   *
   * @param reviewer creates a review and returns it answered
   */
  ReviewedAuthorization(UnaryOperator<SubjectAccessReview> reviewer, LongSupplier nanoTime) {
    this.reviewer = reviewer;
    this.nanoTime = nanoTime;
  }

  @Override
  public void require(User user, Attributes attributes) throws ApiException {
    if (user.isAdministrator()) {
      return;
    }
    Verdict verdict = verdict(new Question(user, attributes));
    if (!verdict.allowed()) {
      throw ApiException.forbidden(
          "User \""
              + user.name()
              + "\" cannot "
              + attributes
              + (verdict.reason().isEmpty() ? "" : ": " + verdict.reason()));
    }
  }

  private Verdict verdict(Question question) throws ApiException {
    long now = nanoTime.getAsLong();
    synchronized (verdicts) {
      Verdict known = verdicts.get(question);
      if (known != null && now - known.nanos() < VALID_NANOS) {
        return known;
      }
    }
    Verdict verdict = ask(question, now);
    synchronized (verdicts) {
      verdicts.remove(question);
      if (verdicts.size() >= MAX_REMEMBERED) {
        verdicts.remove(verdicts.keySet().iterator().next());
      }
      verdicts.put(question, verdict);
    }
    return verdict;
  }

  private Verdict ask(Question question, long now) throws ApiException {
    SubjectAccessReview answered;
    try {
      answered = reviewer.apply(new SubjectAccessReviewBuilder().withSpec(spec(question)).build());
    } catch (KubernetesClientException e) {
      LOGGER.warn("A SubjectAccessReview failed", e);
      throw ApiException.internal("whether this is allowed could not be found out");
    }
    var status = answered.getStatus();
    if (status == null) {
      throw ApiException.internal("a SubjectAccessReview was answered without a status");
    }
    boolean allowed =
        Boolean.TRUE.equals(status.getAllowed()) && !Boolean.TRUE.equals(status.getDenied());
    String reason = status.getReason() == null ? "" : status.getReason();
    return new Verdict(allowed, reason, now);
  }

  private static SubjectAccessReviewSpec spec(Question question) {
    User user = question.user();
    SubjectAccessReviewSpecBuilder spec =
        new SubjectAccessReviewSpecBuilder()
            .withUser(user.name())
            .withUid(user.uid().isEmpty() ? null : user.uid())
            .withGroups(user.groups())
            .withExtra(user.extra());
    return switch (question.attributes()) {
      case Attributes.OfPath(String verb, String path) ->
          spec.withNonResourceAttributes(
                  new NonResourceAttributesBuilder().withVerb(verb).withPath(path).build())
              .build();
      case Attributes.OfResource(
              String verb,
              String version,
              String resource,
              String subresource,
              String namespace,
              String name) ->
          spec.withResourceAttributes(
                  new ResourceAttributesBuilder()
                      .withVerb(verb)
                      .withGroup(ApiPath.GROUP)
                      .withVersion(version)
                      .withResource(resource)
                      .withSubresource(subresource)
                      .withNamespace(namespace)
                      .withName(name)
                      .build())
              .build();
    };
  }
}
