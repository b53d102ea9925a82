package dev.heddle.smiadapter.translate;

import dev.heddle.smiadapter.state.AddressFamily;
import dev.heddle.smiadapter.state.Availability;
import dev.heddle.smiadapter.state.Endpoint;
import dev.heddle.smiadapter.state.EndpointGroup;
import dev.heddle.smiadapter.state.Locality;
import dev.heddle.smiadapter.state.MeshState;
import dev.heddle.smiadapter.state.Service;
import dev.heddle.smiadapter.state.ServicePort;
import dev.heddle.smiadapter.state.Workload;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * An endpoint of one port of a service, with all that is known of it.
 *
 * @param address its IP address
 * @param port the port there, after named target ports are resolved
 * @param terminating whether it is being stopped
 * @param locality where it is
 * @param workload the pod there, if it is one of the cluster's
 */
record ResolvedEndpoint(
    String address, int port, boolean terminating, Locality locality, Optional<Workload> workload) {

  private static final Comparator<ResolvedEndpoint> ORDER =
      Comparator.comparing(ResolvedEndpoint::locality)
          .thenComparing(ResolvedEndpoint::address)
          .thenComparingInt(ResolvedEndpoint::port);

  /**
   * The endpoints that serve or still finish, in an order that does not depend on how they came. A
   * service with virtual addresses has those of its primary address family only: the others are the
   * same pods once more.
   */
  static List<ResolvedEndpoint> of(MeshState state, Service service, ServicePort port) {
    return state.endpointGroupsOf(service.name()).stream()
        .filter(group -> service.headless() || group.family() == primaryFamily(service))
        .flatMap(group -> ofGroup(state, group, port))
        .distinct()
        .sorted(ORDER)
        .toList();
  }

  /** Whether a port of a service has an endpoint that takes new work. */
  static boolean anyReady(MeshState state, Service service, ServicePort port) {
    return of(state, service, port).stream().anyMatch(endpoint -> !endpoint.terminating());
  }

  /** The workload there, if a proxy runs in it. */
  Optional<Workload> meshed() {
    return workload.filter(Workload::meshed);
  }

  private static AddressFamily primaryFamily(Service service) {
    return AddressFamily.of(service.addresses().getFirst());
  }

  private static Stream<ResolvedEndpoint> ofGroup(
      MeshState state, EndpointGroup group, ServicePort port) {
    Integer number = group.ports().get(port.name());
    if (number == null) {
      return Stream.empty();
    }
    return group.endpoints().stream()
        .filter(endpoint -> endpoint.availability() != Availability.NOT_READY)
        .map(endpoint -> resolve(state, endpoint, number));
  }

  private static ResolvedEndpoint resolve(MeshState state, Endpoint endpoint, int port) {
    Locality node = state.localityOf(endpoint.node());
    String zone = endpoint.zone() == null ? node.zone() : endpoint.zone();
    Optional<Workload> workload = Optional.ofNullable(endpoint.workload()).flatMap(state::workload);
    return new ResolvedEndpoint(
        endpoint.address(),
        port,
        endpoint.availability() == Availability.TERMINATING,
        new Locality(node.region(), zone),
        workload);
  }
}
