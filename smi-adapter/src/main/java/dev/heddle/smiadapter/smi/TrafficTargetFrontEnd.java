package dev.heddle.smiadapter.smi;

import dev.heddle.smiadapter.conversion.TrafficTargetPort;
import dev.heddle.smiadapter.kubernetes.FrontEnd;
import dev.heddle.smiadapter.state.Change;
import dev.heddle.smiadapter.state.Finding;
import dev.heddle.smiadapter.state.Grant;
import dev.heddle.smiadapter.state.ObjectName;
import dev.heddle.smiadapter.state.Observation;
import dev.heddle.smiadapter.state.PortRule;
import dev.heddle.smiadapter.state.Transport;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Compiles TrafficTargets into grants. A source that cannot be honoured is left out. Anything else
 * that cannot be honoured refuses the object as a whole: leaving a rule out may grant more, since
 * rules on ports and rules on requests limit each other.
 */
final class TrafficTargetFrontEnd implements FrontEnd {

  private static final SmiKind KIND = SmiKind.TRAFFIC_TARGET;
  private static final String ACCOUNT = "ServiceAccount";
  private static final String NAME_OF_ACCOUNT = "the name of a ServiceAccount";

  /** RFC 1123, as Kubernetes asks of the names of namespaces. */
  private static final Pattern LABEL = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

  /** RFC 1123, as Kubernetes asks of the names of ServiceAccounts. */
  private static final Pattern SUBDOMAIN =
      Pattern.compile("[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*");

  private static final int MAX_NAME = 253;

  @Override
  public ResourceDefinitionContext kind() {
    return KIND.definition();
  }

  @Override
  public Observation compile(GenericKubernetesResource resource) {
    SmiObject object = SmiObject.of(KIND, resource);
    List<Finding> findings = new ArrayList<>();
    @Nullable Grant grant = null;
    try {
      grant = grant(object, findings);
    } catch (NotHonoured e) {
      findings.add(e.on(object.reference()));
    }
    return new Observation(new Change.GrantChange(object.name(), grant), findings);
  }

  @Override
  public Observation removed(ObjectName name) {
    return Observation.of(new Change.GrantChange(name, null));
  }

  private static Grant grant(SmiObject object, List<Finding> findings) throws NotHonoured {
    Field spec = object.spec().object();
    ObjectName destination = account(spec.child("destination"), object);
    List<Field> sources = spec.child("sources").elements();
    if (sources.isEmpty()) {
      throw new NotHonoured("spec.sources", "0 sources (expected: at least 1); nothing is granted");
    }
    List<ObjectName> clients = new ArrayList<>();
    for (Field source : sources) {
      try {
        clients.add(account(source, object));
      } catch (NotHonoured e) {
        findings.add(e.in(object.reference()));
      }
    }
    if (clients.isEmpty()) {
      throw new NotHonoured("spec.sources", "no source that can be honoured; nothing is granted");
    }
    List<Grant.Rule> rules = new ArrayList<>();
    for (Field rule : spec.child("rules").elements()) {
      rules.add(rule(rule, object));
    }
    if (rules.isEmpty()) {
      throw new NotHonoured("spec.rules", "0 rules (expected: at least 1); nothing is granted");
    }
    return new Grant(
        object.reference(),
        destination,
        "spec.destination",
        clients.stream().distinct().sorted().toList(),
        port(object),
        rules);
  }

  /** An account is of the target's own namespace unless it says otherwise. */
  private static ObjectName account(Field field, SmiObject object) throws NotHonoured {
    Field kind = field.object().child("kind");
    if (!kind.text(ACCOUNT).equals(ACCOUNT)) {
      throw kind.invalid(ACCOUNT);
    }
    String namespace = field.child("namespace").text("a namespace", object.name().namespace());
    if (!LABEL.matcher(namespace).matches()) {
      throw field.child("namespace").invalid("the name of a namespace");
    }
    String name = field.child("name").text(NAME_OF_ACCOUNT);
    if (name.length() > MAX_NAME || !SUBDOMAIN.matcher(name).matches()) {
      throw field.child("name").invalid(NAME_OF_ACCOUNT);
    }
    return new ObjectName(namespace, name);
  }

  private static Grant.Rule rule(Field rule, SmiObject object) throws NotHonoured {
    Field kind = rule.object().child("kind");
    String expected = "HTTPRouteGroup, TCPRoute or UDPRoute";
    ObjectName name = object.neighbour(rule.child("name").text("the name of a route"));
    return switch (kind.text(expected)) {
      case "HTTPRouteGroup" -> {
        List<String> matches = new ArrayList<>();
        for (Field match : rule.child("matches").elements()) {
          matches.add(match.text("the name of a match"));
        }
        yield new Grant.Rule.Requests(name, matches, rule.path());
      }
      case "TCPRoute" -> new Grant.Rule.Ports(new PortRule.Name(Transport.TCP, name), rule.path());
      case "UDPRoute" -> new Grant.Rule.Ports(new PortRule.Name(Transport.UDP, name), rule.path());
      default -> throw kind.invalid(expected);
    };
  }

  private static @Nullable Integer port(SmiObject object) throws NotHonoured {
    String text = object.annotations().get(TrafficTargetPort.ANNOTATION);
    if (text == null) {
      return null;
    }
    OptionalInt port = TrafficTargetPort.number(text);
    if (port.isEmpty()) {
      throw new NotHonoured(
          TrafficTargetPort.PATH,
          '"' + text + "\" (expected: a port from 1 to 65535); nothing is granted");
    }
    return port.getAsInt();
  }
}
