package dev.heddle.smiadapter.telemetry;

import dev.heddle.smiadapter.state.Availability;
import dev.heddle.smiadapter.state.EndpointGroup;
import dev.heddle.smiadapter.state.MeshState;
import dev.heddle.smiadapter.state.ObjectName;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Finds the other replicas of the control plane among the endpoints of its own Service. */
public final class ReplicaAddresses {

  private static final String PORT_NAME = "grpc-xds";

  private ReplicaAddresses() {}

  /**
   * The addresses of all replicas that work but one.
   *
   * @param service the control plane's
   * @param self the pod of the replica that asks
   */
  public static List<InetSocketAddress> of(MeshState state, ObjectName service, ObjectName self) {
    return state.endpointGroupsOf(service).stream()
        .flatMap(group -> addresses(group, self))
        .distinct()
        .sorted(Comparator.comparing(InetSocketAddress::toString))
        .toList();
  }

  private static Stream<InetSocketAddress> addresses(EndpointGroup group, ObjectName self) {
    Integer port = group.ports().get(PORT_NAME);
    return port == null
        ? Stream.empty()
        : group.endpoints().stream()
            .filter(endpoint -> endpoint.availability() != Availability.NOT_READY)
            .filter(endpoint -> endpoint.workload() != null && !self.equals(endpoint.workload()))
            .map(
                endpoint -> new InetSocketAddress(InetAddress.ofLiteral(endpoint.address()), port));
  }
}
