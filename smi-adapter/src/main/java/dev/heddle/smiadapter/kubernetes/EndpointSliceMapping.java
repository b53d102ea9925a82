package dev.heddle.smiadapter.kubernetes;

import dev.heddle.smiadapter.state.AddressFamily;
import dev.heddle.smiadapter.state.Availability;
import dev.heddle.smiadapter.state.Change;
import dev.heddle.smiadapter.state.Endpoint;
import dev.heddle.smiadapter.state.EndpointGroup;
import dev.heddle.smiadapter.state.ObjectName;
import dev.heddle.smiadapter.state.Observation;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointConditions;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads EndpointSlices. */
final class EndpointSliceMapping implements Mapping<EndpointSlice> {

  private static final String SERVICE_LABEL = "kubernetes.io/service-name";

  @Override
  public Observation observed(EndpointSlice object) {
    ObjectName name = Names.of(object);
    return Observation.of(new Change.EndpointGroupChange(name, group(name, object)));
  }

  @Override
  public Optional<Observation> removed(ObjectName name) {
    return Optional.of(Observation.of(new Change.EndpointGroupChange(name, null)));
  }

  private static @Nullable EndpointGroup group(ObjectName name, EndpointSlice slice) {
    Map<String, String> labels = Absent.orEmpty(slice.getMetadata().getLabels());
    String service = labels.get(SERVICE_LABEL);
    AddressFamily family = family(slice.getAddressType());
    if (service == null || family == null) {
      return null;
    }
    Map<String, Integer> ports = new HashMap<>();
    Absent.orEmpty(slice.getPorts()).stream()
        .filter(port -> port.getProtocol() == null || port.getProtocol().equals("TCP"))
        .filter(port -> port.getPort() != null)
        .forEach(port -> ports.put(Objects.requireNonNullElse(port.getName(), ""), port.getPort()));
    List<Endpoint> endpoints =
        Absent.orEmpty(slice.getEndpoints()).stream()
            .filter(endpoint -> !Absent.orEmpty(endpoint.getAddresses()).isEmpty())
            .map(endpoint -> endpoint(name.namespace(), endpoint))
            .toList();
    return new EndpointGroup(
        name, new ObjectName(name.namespace(), service), family, ports, endpoints);
  }

  private static Endpoint endpoint(
      String namespace, io.fabric8.kubernetes.api.model.discovery.v1.Endpoint endpoint) {
    // Consumers use the first address only (EndpointSlice API reference, endpoints[].addresses).
    return new Endpoint(
        endpoint.getAddresses().getFirst(),
        availability(endpoint.getConditions()),
        pod(namespace, endpoint.getTargetRef()),
        endpoint.getNodeName(),
        endpoint.getZone());
  }

  /** An absent {@code ready} or {@code serving} counts as true, as the API reference says. */
  private static Availability availability(@Nullable EndpointConditions conditions) {
    if (conditions == null || !Boolean.FALSE.equals(conditions.getReady())) {
      return Availability.READY;
    }
    boolean terminating = Boolean.TRUE.equals(conditions.getTerminating());
    boolean serving = !Boolean.FALSE.equals(conditions.getServing());
    return terminating && serving ? Availability.TERMINATING : Availability.NOT_READY;
  }

  private static @Nullable ObjectName pod(String namespace, @Nullable ObjectReference target) {
    return target == null || !Objects.equals(target.getKind(), "Pod")
        ? null
        : new ObjectName(namespace, target.getName());
  }

  private static @Nullable AddressFamily family(String addressType) {
    return switch (addressType) {
      case "IPv4" -> AddressFamily.IPV4;
      case "IPv6" -> AddressFamily.IPV6;
      default -> null;
    };
  }
}
