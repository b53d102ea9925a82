package dev.heddle.smiadapter.translate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.smiadapter.resources.Resource;
import dev.heddle.smiadapter.resources.ResourceKey;
import dev.heddle.smiadapter.state.AccessControl;
import dev.heddle.smiadapter.state.Change;
import dev.heddle.smiadapter.state.Finding;
import dev.heddle.smiadapter.state.MeshSettings;
import dev.heddle.smiadapter.state.MeshState;
import dev.heddle.smiadapter.state.ObjectName;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IncrementalTranslationTest {

  private static final MeshSettings PERMISSIVE =
      new MeshSettings("cluster.local", AccessControl.PERMISSIVE);

  private static final MeshSettings ENFORCED =
      new MeshSettings("cluster.local", AccessControl.ENFORCED);

  private static final int STEPS = 400;
  private static final int MAX_BATCH = 4;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void holdsWhatTranslatingFromScratchGives(long seed) {
    Random random = new Random(seed);
    RandomChanges changes = new RandomChanges(random);
    IncrementalTranslation incremental = new IncrementalTranslation(MeshState.empty(PERMISSIVE));
    Served served = new Served();
    served.take(incremental.translateAll());

    for (int step = 0; step < STEPS; step++) {
      List<Change> batch =
          IntStream.rangeClosed(0, random.nextInt(MAX_BATCH))
              .mapToObj(index -> changes.next())
              .toList();
      served.take(incremental.apply(batch));

      Served fromScratch = new Served();
      fromScratch.take(new IncrementalTranslation(incremental.state()).translateAll());
      assertThat(served.versions).as("after %s", batch).isEqualTo(fromScratch.versions);
      assertThat(served.findings).as("after %s", batch).isEqualTo(fromScratch.findings);
    }
  }

  @Test
  void aStateDoesNotDependOnTheOrderOfUnrelatedChanges() {
    List<Change> changes = IntStream.range(0, 50).<Change>mapToObj(RandomChanges::service).toList();

    assertThat(versions(changes)).isEqualTo(versions(changes.reversed()));
  }

  @Test
  void aWeightTouchesTheRoutesOfItsApexAlone() {
    IncrementalTranslation translation = new IncrementalTranslation(MeshState.empty(PERMISSIVE));
    translation.apply(
        List.of(RandomChanges.service(0), RandomChanges.service(1), RandomChanges.service(2)));
    translation.apply(List.of(RandomChanges.split(0, 0, 90, 10)));

    ResourceDelta delta = translation.apply(List.of(RandomChanges.split(0, 0, 80, 20)));

    ObjectName apex = RandomChanges.serviceName(0);
    assertThat(delta.changed().stream().map(Resource::key).map(ResourceKey::toString))
        .containsExactly("ROUTE outbound/" + apex + ":80");
    assertThat(delta.removed()).isEmpty();
    assertThat(delta.findings().keySet()).containsExactly(new Unit.OfService(apex));
  }

  @Test
  void aRouteGroupTouchesOnlyTheWorkloadsThatAreGrantedByIt() {
    IncrementalTranslation translation = new IncrementalTranslation(MeshState.empty(ENFORCED));
    ObjectName group = RandomChanges.routeGroupName(0);
    translation.apply(
        List.of(
            RandomChanges.workload(1, "web"),
            RandomChanges.workload(2, "other"),
            RandomChanges.service(0),
            RandomChanges.routeGroup(0, "/old"),
            RandomChanges.grant(0, new ObjectName("shop", "web"), group)));

    ResourceDelta delta = translation.apply(List.of(RandomChanges.routeGroup(0, "/new")));

    assertThat(delta.changed().stream().map(Resource::key).map(ResourceKey::toString))
        .containsExactly("LISTENER inbound/shop/pod-1");
    assertThat(delta.removed()).isEmpty();
    assertThat(delta.findings().keySet())
        .containsExactlyInAnyOrder(
            new Unit.OfGrant(new ObjectName("shop", "grant-0")),
            new Unit.OfWorkload(new ObjectName("shop", "pod-1")));
  }

  @Test
  void aGrantTouchesNoResourceWhereEverythingIsLetThrough() {
    IncrementalTranslation translation = new IncrementalTranslation(MeshState.empty(PERMISSIVE));
    translation.apply(List.of(RandomChanges.workload(1, "web")));

    ResourceDelta delta =
        translation.apply(
            List.of(
                RandomChanges.grant(
                    0, new ObjectName("shop", "web"), RandomChanges.routeGroupName(0))));

    assertThat(delta.isEmpty()).isTrue();
    assertThat(delta.findings().keySet())
        .containsExactly(new Unit.OfGrant(new ObjectName("shop", "grant-0")));
  }

  @Test
  void aChangeThatSaysNothingNewTranslatesNothing() {
    IncrementalTranslation translation = new IncrementalTranslation(MeshState.empty(PERMISSIVE));
    translation.apply(List.of(RandomChanges.service(0)));

    ResourceDelta delta = translation.apply(List.of(RandomChanges.service(0)));

    assertThat(delta.isEmpty()).isTrue();
    assertThat(delta.findings()).isEmpty();
  }

  private static Map<ResourceKey, String> versions(Collection<Change> changes) {
    Served served = new Served();
    served.take(new IncrementalTranslation(MeshState.empty(PERMISSIVE)).apply(changes));
    return served.versions;
  }

  /** What a reader of the deltas has. */
  private static final class Served {
    private final Map<ResourceKey, String> versions = new TreeMap<>();
    private final Map<Unit, Collection<Finding>> findings = new HashMap<>();

    void take(ResourceDelta delta) {
      assertThat(delta.failures()).isEmpty();
      delta
          .changed()
          .forEach(resource -> {
            String before =
                versions.put(resource.key(), resource.version() + " for " + resource.audience());
            assertThat(Objects.equals(before, versions.get(resource.key())))
                .as("%s is sent though it has not changed", resource.key())
                .isFalse();
          });
      delta.removed().forEach(key -> assertThat(versions.remove(key)).isNotNull());
      delta
          .findings()
          .forEach((unit, found) -> {
            if (found.isEmpty()) {
              findings.remove(unit);
            } else {
              findings.put(unit, found);
            }
          });
    }
  }
}
