package dev.heddle.dataplane.http.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.dataplane.config.HeaderMutation;
import dev.heddle.dataplane.config.HeaderMutations;
import dev.heddle.dataplane.config.WeightedCluster;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** Which backend of a split gets a request, and which one gets it when it is sent again. */
final class WeightedChoiceTest {
  private static final WeightedCluster A = new WeightedCluster("a", 1);
  private static final WeightedCluster B = new WeightedCluster("b", 3);

  private final RandomGenerator random = new Random(1);

  @Test
  void staysWithAClusterThatHasAnyWeight() {
    for (int i = 0; i < 100; i++) {
      assertThat(WeightedChoice.again(A, List.of(A, B), random)).isEqualTo(A);
    }
  }

  @Test
  void choosesAnotherOneWhenItsOwnIsGoneOrHasNoWeight() {
    assertThat(WeightedChoice.again(A, List.of(B), random)).isEqualTo(B);
    assertThat(WeightedChoice.again(A, List.of(new WeightedCluster("a", 0), B), random))
        .isEqualTo(B);
  }

  @Test
  void choosesTheOthersByTheirWeights() {
    WeightedCluster c = new WeightedCluster("c", 1);
    int chosen = 0;
    for (int i = 0; i < 10_000; i++) {
      chosen += WeightedChoice.again(A, List.of(B, c), random).equals(B) ? 1 : 0;
    }
    assertThat(chosen).isBetween(7_300, 7_700);
  }

  @Test
  void staysWhereThereIsNoOther() {
    assertThat(WeightedChoice.again(A, List.of(new WeightedCluster("b", 0)), random)).isEqualTo(A);
  }

  @Test
  void staysWhereTheOtherWouldChangeTheRequestOtherwise() {
    WeightedCluster other =
        new WeightedCluster(
            "b", 1, new HeaderMutations(List.of(new HeaderMutation.Remove("x-canary")), List.of()));
    assertThat(WeightedChoice.again(A, List.of(other), random)).isEqualTo(A);
  }
}
