package dev.heddle.smiadapter.smi;

import dev.heddle.smiadapter.kubernetes.FrontEnd;
import dev.heddle.smiadapter.state.Change;
import dev.heddle.smiadapter.state.Finding;
import dev.heddle.smiadapter.state.ObjectName;
import dev.heddle.smiadapter.state.Observation;
import dev.heddle.smiadapter.state.PortRule;
import dev.heddle.smiadapter.state.Transport;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/** Compiles TCPRoutes and UDPRoutes into port rules. */
final class PortRouteFrontEnd implements FrontEnd {

  private static final int MAX_PORT = 65_535;

  private final SmiKind kind;
  private final Transport transport;

  private PortRouteFrontEnd(SmiKind kind, Transport transport) {
    this.kind = kind;
    this.transport = transport;
  }

  /** For TCPRoutes. */
  static FrontEnd tcp() {
    return new PortRouteFrontEnd(SmiKind.TCP_ROUTE, Transport.TCP);
  }

  /** For UDPRoutes, which no proxy carries traffic by: whoever writes one is told. */
  static FrontEnd udp() {
    return new PortRouteFrontEnd(SmiKind.UDP_ROUTE, Transport.UDP);
  }

  @Override
  public ResourceDefinitionContext kind() {
    return kind.definition();
  }

  @Override
  public Observation compile(GenericKubernetesResource resource) {
    SmiObject object = SmiObject.of(kind, resource);
    PortRule.Name name = new PortRule.Name(transport, object.name());
    try {
      PortRule rule = new PortRule(object.reference(), ports(object.spec()));
      return new Observation(new Change.PortRuleChange(name, rule), always(object));
    } catch (NotHonoured e) {
      return new Observation(
          new Change.PortRuleChange(name, null), List.of(e.on(object.reference())));
    }
  }

  @Override
  public Observation removed(ObjectName name) {
    return Observation.of(new Change.PortRuleChange(new PortRule.Name(transport, name), null));
  }

  private List<Finding> always(SmiObject object) {
    return switch (transport) {
      case TCP -> List.of();
      case UDP ->
          List.of(
              new Finding(
                  object.reference(),
                  "spec",
                  "UDP is not carried by the mesh: it passes as it would without it, neither"
                      + " encrypted nor authenticated, and no TrafficTarget grants or refuses it",
                  Finding.Extent.WHOLE));
    };
  }

  private static SortedSet<Integer> ports(Field spec) throws NotHonoured {
    Field matches = spec.absent() ? spec : spec.object().child("matches");
    Field listed = matches.absent() ? matches : matches.object().child("ports");
    SortedSet<Integer> ports = new TreeSet<>();
    for (Field port : listed.elements()) {
      ports.add(port.number(1, MAX_PORT));
    }
    return ports;
  }
}
