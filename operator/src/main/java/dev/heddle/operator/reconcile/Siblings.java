package dev.heddle.operator.reconcile;

import dev.heddle.crds.install.MeshInstall;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import java.util.stream.Stream;

/** All the MeshInstalls of the cluster. */
final class Siblings {
  private Siblings() {}

  static Stream<MeshInstall> all(Context<MeshInstall> context) {
    EventSource<MeshInstall, MeshInstall> siblings =
        context.eventSourceRetriever().getEventSourceFor(MeshInstall.class, EventSources.SIBLINGS);
    if (siblings instanceof IndexerResourceCache<?> cache) {
      return cache.list(_ -> true).map(MeshInstall.class::cast);
    }
    throw new IllegalStateException(
        EventSources.SIBLINGS + ": " + siblings + " (expected: a cache)");
  }
}
