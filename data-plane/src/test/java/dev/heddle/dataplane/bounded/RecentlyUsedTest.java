package dev.heddle.dataplane.bounded;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

final class RecentlyUsedTest {
  private final Map<String, Integer> map = new RecentlyUsed<>(2);

  @Test
  void forgetsWhatWasUsedLongestAgo() {
    map.put("a", 1);
    map.put("b", 2);
    assertThat(map.get("a")).isEqualTo(1);
    map.put("c", 3);
    assertThat(map).containsOnly(Map.entry("a", 1), Map.entry("c", 3));
  }

  @Test
  void looksAtAValueThatIsReplacedAsUsed() {
    map.put("a", 1);
    map.put("b", 2);
    map.put("a", 4);
    map.put("c", 3);
    assertThat(map).containsOnly(Map.entry("a", 4), Map.entry("c", 3));
  }
}
