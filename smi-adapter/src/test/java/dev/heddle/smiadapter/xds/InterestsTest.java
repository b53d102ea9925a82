package dev.heddle.smiadapter.xds;

import static dev.heddle.smiadapter.resources.ResourceType.CLUSTER;
import static dev.heddle.smiadapter.resources.ResourceType.ROUTE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.smiadapter.resources.ResourceKey;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class InterestsTest {

  private static final ResourceKey A = new ResourceKey(CLUSTER, "a");
  private static final ResourceKey B = new ResourceKey(CLUSTER, "b");
  private static final ResourceKey SAME_NAME = new ResourceKey(ROUTE, "a");

  private final Interests<String> interests = new Interests<>();

  @Test
  void concernsWhoAskedForItAndNobodyElse() {
    interests.add(A, "one");
    interests.add(A, "other");
    interests.add(B, "other");
    interests.add(SAME_NAME, "third");

    assertThat(interests.concerned(List.of(A)))
        .isEqualTo(Map.of("one", List.of(A), "other", List.of(A)));
    assertThat(interests.concerned(List.of(A, B)))
        .isEqualTo(Map.of("one", List.of(A), "other", List.of(A, B)));
  }

  @Test
  void concernsOnceWhoAskedByNameAndForEverything() {
    interests.add(A, "one");
    interests.addAll(CLUSTER, "one");

    assertThat(interests.concerned(List.of(A, B, SAME_NAME)))
        .isEqualTo(Map.of("one", List.of(A, B)));
  }

  @Test
  void keepsNothingOfWhoIsGone() {
    interests.add(A, "one");
    interests.addAll(CLUSTER, "one");

    interests.remove(A, "one");
    interests.remove(B, "one");
    interests.removeAll(CLUSTER, "one");

    assertThat(interests.concerned(List.of(A, B))).isEmpty();
    assertThat(interests.size()).isZero();
  }
}
