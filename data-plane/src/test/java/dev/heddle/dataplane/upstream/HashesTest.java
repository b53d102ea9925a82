package dev.heddle.dataplane.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.dataplane.config.Cluster;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HashesTest {

  @ParameterizedTest
  @CsvSource({
    "'', ef46db3751d8e999",
    "a, d24ec4f1a98c6e5b",
    "abc, 44bc2cf5ad770999",
    "Nobody inspects the spammish repetition, fbcea83c8a378bf1"
  })
  void xxHashIsThatOfItsSpecification(String text, String hash) {
    assertThat(Long.toHexString(Hashes.xx(text, 0))).isEqualTo(hash);
  }

  @Test
  void aRingGivesEachItsShare() {
    ConsistentHash ring =
        ConsistentHash.HashRing.of(
            List.of("10.0.0.1:80", "10.0.0.2:80"), new double[] {0.75, 0.25}, Cluster.Ring.DEFAULT);
    assertThat(((ConsistentHash.HashRing) ring).size()).isEqualTo(1024);
    assertThat(shareOfFirst(ring)).isBetween(0.68, 0.82);
  }

  @Test
  void aTableGivesEachItsShare() {
    ConsistentHash table =
        ConsistentHash.MaglevTable.of(
            List.of("10.0.0.1:80", "10.0.0.2:80"), new double[] {0.75, 0.25}, 65_537);
    assertThat(shareOfFirst(table)).isBetween(0.74, 0.76);
  }

  @Test
  void aTableIsTheSameInWhateverOrderEndpointsCome() {
    List<String> keys = List.of("10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80");
    double[] shares = {0.5, 0.25, 0.25};
    ConsistentHash table = ConsistentHash.MaglevTable.of(keys, shares, 101);
    ConsistentHash reversed =
        ConsistentHash.MaglevTable.of(keys.reversed(), new double[] {0.25, 0.25, 0.5}, 101);
    for (int hash = 0; hash < 101; hash++) {
      assertThat(reversed.pick(hash, 0)).isEqualTo(2 - table.pick(hash, 0));
    }
  }

  @Test
  void anotherAttemptFindsAnother() {
    ConsistentHash table =
        ConsistentHash.MaglevTable.of(
            List.of("10.0.0.1:80", "10.0.0.2:80"), new double[] {0.5, 0.5}, 65_537);
    boolean found = false;
    for (int attempt = 1; attempt < 20; attempt++) {
      found |= table.pick(42, attempt) != table.pick(42, 0);
    }
    assertThat(found).isTrue();
  }

  private static double shareOfFirst(ConsistentHash hash) {
    int first = 0;
    for (int i = 0; i < 20_000; i++) {
      if (hash.pick(Hashes.xx("key" + i, 0), 0) == 0) {
        first++;
      }
    }
    return first / 20_000.0;
  }
}
