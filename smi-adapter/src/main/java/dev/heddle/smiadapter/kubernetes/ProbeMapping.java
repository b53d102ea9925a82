package dev.heddle.smiadapter.kubernetes;

import dev.heddle.smiadapter.state.Probe;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.GRPCAction;
import io.fabric8.kubernetes.api.model.HTTPGetAction;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.PodSpec;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Reads the probes by which the kubelet asks over HTTP or gRPC. A TCP probe is content with a
 * connection, a command runs inside the pod, and an HTTPS probe is bytes to the mesh: none of these
 * can be told apart by a path.
 */
final class ProbeMapping {

  /** The only method of grpc.health.v1 that the kubelet calls. */
  private static final String GRPC_HEALTH_CHECK = "/grpc.health.v1.Health/Check";

  private static final String PROXY_CONTAINER = "heddle-proxy";

  private ProbeMapping() {}

  static List<Probe> of(PodSpec spec) {
    return Stream.concat(
            Absent.orEmpty(spec.getInitContainers()).stream(),
            Absent.orEmpty(spec.getContainers()).stream())
        .filter(container -> !container.getName().equals(PROXY_CONTAINER))
        .flatMap(ProbeMapping::of)
        .distinct()
        .sorted()
        .toList();
  }

  private static Stream<Probe> of(Container container) {
    return Stream.of(
            container.getStartupProbe(),
            container.getReadinessProbe(),
            container.getLivenessProbe())
        .filter(Objects::nonNull)
        .flatMap(probe ->
            Stream.concat(
                Optional.ofNullable(probe.getHttpGet())
                    .flatMap(action -> http(action, container))
                    .stream(),
                Optional.ofNullable(probe.getGrpc()).map(ProbeMapping::grpc).stream()));
  }

  private static Optional<Probe> http(HTTPGetAction action, Container container) {
    if (Objects.equals(action.getScheme(), "HTTPS")) {
      return Optional.empty();
    }
    String path = Objects.requireNonNullElse(action.getPath(), "/");
    int query = path.indexOf('?');
    String withoutQuery = query < 0 ? path : path.substring(0, query);
    String absolute = withoutQuery.startsWith("/") ? withoutQuery : "/" + withoutQuery;
    return port(action.getPort(), container).map(port -> new Probe(port, "GET", absolute));
  }

  private static Probe grpc(GRPCAction action) {
    return new Probe(action.getPort(), "POST", GRPC_HEALTH_CHECK);
  }

  private static Optional<Integer> port(IntOrString port, Container container) {
    if (port.getIntVal() != null) {
      return Optional.of(port.getIntVal());
    }
    return Absent.orEmpty(container.getPorts()).stream()
        .filter(declared -> Objects.equals(declared.getName(), port.getStrVal()))
        .map(ContainerPort::getContainerPort)
        .findFirst();
  }
}
