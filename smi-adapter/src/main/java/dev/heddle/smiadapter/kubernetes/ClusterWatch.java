package dev.heddle.smiadapter.kubernetes;

import dev.heddle.smiadapter.state.MeshSettings;
import dev.heddle.smiadapter.state.Observation;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Watches the kinds that every cluster has, and those of the front ends as far as they exist. */
public final class ClusterWatch implements AutoCloseable {

  private final List<Feed<?>> feeds;
  private final List<OptionalKindWatch> optional;

  /**
   * Prepares the watches; everything they see goes to the sink.
   *
   * @param initial settings of the mesh, which the ConfigMap {@code heddle-mesh} may change
   * @param meshNamespace where that ConfigMap is
   */
  public ClusterWatch(
      KubernetesClient client,
      MeshSettings initial,
      String meshNamespace,
      List<FrontEnd> frontEnds,
      Consumer<Observation> sink,
      MeterRegistry registry) {
    this.feeds =
        List.of(
            new Feed<>(
                "ConfigMap",
                client.configMaps().inNamespace(meshNamespace).withName("heddle-mesh"),
                ConfigMap::new,
                new SettingsMapping(initial.trustDomain()),
                sink,
                registry),
            new Feed<>("Node", client.nodes(), Node::new, new NodeMapping(), sink, registry),
            new Feed<>(
                "Pod", client.pods().inAnyNamespace(), Pod::new, new PodMapping(), sink, registry),
            new Feed<>(
                "Service",
                client.services().inAnyNamespace(),
                Service::new,
                new ServiceMapping(),
                sink,
                registry),
            new Feed<>(
                "EndpointSlice",
                client.discovery().v1().endpointSlices().inAnyNamespace(),
                EndpointSlice::new,
                new EndpointSliceMapping(),
                sink,
                registry));
    this.optional =
        frontEnds.stream()
            .map(frontEnd -> new OptionalKindWatch(client, frontEnd, sink, registry))
            .toList();
  }

  /** Begins to watch, in the background. */
  public void start() {
    feeds.forEach(Feed::start);
    optional.forEach(OptionalKindWatch::start);
  }

  /** Whether everything that existed at the start has been reported. */
  public boolean synced() {
    return feeds.stream().allMatch(Feed::synced)
        && optional.stream().allMatch(OptionalKindWatch::synced);
  }

  /** The kinds not yet listed, for a message. */
  public String missing() {
    return Stream.concat(
            feeds.stream().filter(feed -> !feed.synced()).map(Feed::kind),
            optional.stream().filter(watch -> !watch.synced()).map(OptionalKindWatch::kind))
        .collect(Collectors.joining(", "));
  }

  @Override
  public void close() {
    optional.forEach(OptionalKindWatch::close);
    feeds.forEach(Feed::close);
  }
}
