package dev.heddle.smiadapter.translate;

import dev.heddle.smiadapter.state.AccessControl;
import dev.heddle.smiadapter.state.AddressFamily;
import dev.heddle.smiadapter.state.Availability;
import dev.heddle.smiadapter.state.Change;
import dev.heddle.smiadapter.state.Endpoint;
import dev.heddle.smiadapter.state.EndpointGroup;
import dev.heddle.smiadapter.state.Grant;
import dev.heddle.smiadapter.state.Grant.Rule;
import dev.heddle.smiadapter.state.Locality;
import dev.heddle.smiadapter.state.MeshSettings;
import dev.heddle.smiadapter.state.ObjectName;
import dev.heddle.smiadapter.state.ObjectReference;
import dev.heddle.smiadapter.state.PortRule;
import dev.heddle.smiadapter.state.Protocol;
import dev.heddle.smiadapter.state.RequestMatch;
import dev.heddle.smiadapter.state.RouteGroup;
import dev.heddle.smiadapter.state.Service;
import dev.heddle.smiadapter.state.ServicePort;
import dev.heddle.smiadapter.state.Split;
import dev.heddle.smiadapter.state.SplitCondition;
import dev.heddle.smiadapter.state.TextCondition;
import dev.heddle.smiadapter.state.Transport;
import dev.heddle.smiadapter.state.WeightedBackend;
import dev.heddle.smiadapter.state.Workload;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** Changes in a cluster small enough that they meet each other often. */
final class RandomChanges {

  private static final int SERVICES = 5;
  private static final int WORKLOADS = 6;
  private static final int NODES = 2;
  private static final int SPLITS = 4;
  private static final int ROUTE_GROUPS = 3;
  private static final int PORT_RULES = 2;
  private static final int GRANTS = 3;

  private final Random random;

  RandomChanges(Random random) {
    this.random = random;
  }

  Change next() {
    return switch (random.nextInt(30)) {
      case 0, 1, 2, 3 -> randomService();
      case 4, 5, 6, 7, 8 -> randomGroup();
      case 9, 10, 11 -> randomWorkload();
      case 12, 13, 14, 15, 16 -> randomSplit();
      case 17, 18 -> randomNode();
      case 19, 20, 21 -> randomRouteGroup();
      case 22, 23 -> randomPortRule();
      case 24, 25, 26, 27 -> randomGrant();
      default ->
          new Change.SettingsChange(
              new MeshSettings(
                  "cluster.local",
                  random.nextInt(3) == 0 ? AccessControl.PERMISSIVE : AccessControl.ENFORCED,
                  random.nextBoolean()));
    };
  }

  static ObjectName serviceName(int index) {
    return new ObjectName("shop", "service-" + index);
  }

  static Change service(int index) {
    ObjectName name = serviceName(index);
    return new Change.ServiceChange(
        name,
        new Service(
            name,
            List.of("10.96.0." + index),
            List.of(new ServicePort("http", 80, Protocol.HTTP))));
  }

  /** A split whose backends are the services that follow the apex. */
  static Change split(int index, int apex, long... weights) {
    return split(index, apex, List.of(), weights);
  }

  /** A grant to an account, of the requests of a route group. */
  static Change grant(int index, ObjectName destination, ObjectName routeGroup) {
    return grant(index, destination, List.of(new Rule.Requests(routeGroup, List.of(), "rules[0]")));
  }

  private static Change grant(int index, ObjectName destination, List<Rule> rules) {
    ObjectName name = new ObjectName("shop", "grant-" + index);
    return new Change.GrantChange(
        name,
        new Grant(
            new ObjectReference("access.smi-spec.io/v1alpha3", "TrafficTarget", name, "uid"),
            destination,
            "spec.destination",
            List.of(new ObjectName("shop", "client")),
            null,
            rules));
  }

  /** A route group of one match on a path. */
  static Change routeGroup(int index, String path) {
    ObjectName name = routeGroupName(index);
    return new Change.RouteGroupChange(
        name,
        new RouteGroup(
            new ObjectReference("specs.smi-spec.io/v1alpha4", "HTTPRouteGroup", name, "uid"),
            Map.of(
                "match", new RequestMatch(new TextCondition.Prefix(path), List.of(), List.of()))));
  }

  /** A workload with a proxy. */
  static Change workload(int index, String account) {
    ObjectName name = workloadName(index);
    return new Change.WorkloadChange(
        name,
        new Workload(
            name,
            account,
            true,
            AddressFamily.IPV4,
            "owner",
            "Deployment",
            "app",
            "v1",
            List.of()));
  }

  static ObjectName routeGroupName(int index) {
    return new ObjectName("shop", "group-" + index);
  }

  private static Change split(
      int index, int apex, List<SplitCondition> conditions, long... weights) {
    ObjectName name = new ObjectName("shop", "split-" + index);
    List<WeightedBackend> backends =
        IntStream.range(0, weights.length)
            .mapToObj(i ->
                new WeightedBackend(
                    serviceName((apex + 1 + i) % SERVICES), weights[i], "spec.backends[" + i + "]"))
            .toList();
    return new Change.SplitChange(
        name,
        new Split(
            new ObjectReference("split.smi-spec.io/v1alpha4", "TrafficSplit", name, "uid"),
            serviceName(apex),
            "spec.service",
            backends,
            conditions,
            Instant.EPOCH.plusSeconds(SPLITS - index)));
  }

  private Change randomService() {
    ObjectName name = serviceName(random.nextInt(SERVICES));
    if (random.nextInt(4) == 0) {
      return new Change.ServiceChange(name, null);
    }
    List<String> addresses =
        random.nextInt(3) == 0 ? List.of() : List.of("10.96.0." + random.nextInt(SERVICES));
    List<ServicePort> ports =
        IntStream.rangeClosed(0, random.nextInt(2))
            .mapToObj(i -> new ServicePort("port-" + i, 80 + i, any(Protocol.values())))
            .toList();
    return new Change.ServiceChange(name, new Service(name, addresses, ports));
  }

  private Change randomGroup() {
    int service = random.nextInt(SERVICES);
    ObjectName name = new ObjectName("shop", "group-" + service + "-" + random.nextInt(2));
    if (random.nextInt(5) == 0) {
      return new Change.EndpointGroupChange(name, null);
    }
    List<Endpoint> endpoints =
        IntStream.range(0, random.nextInt(4)).mapToObj(i -> randomEndpoint()).toList();
    return new Change.EndpointGroupChange(
        name,
        new EndpointGroup(
            name,
            serviceName(service),
            AddressFamily.IPV4,
            Map.of("port-0", 8080, "port-1", 8081),
            endpoints));
  }

  private Endpoint randomEndpoint() {
    int workload = random.nextInt(WORKLOADS);
    return new Endpoint(
        "10.244.0." + workload,
        any(Availability.values()),
        workload == 0 ? null : workloadName(workload),
        "node-" + random.nextInt(NODES),
        random.nextBoolean() ? null : "zone");
  }

  private Change randomWorkload() {
    ObjectName name = workloadName(random.nextInt(WORKLOADS));
    if (random.nextInt(4) == 0) {
      return new Change.WorkloadChange(name, null);
    }
    return new Change.WorkloadChange(
        name,
        new Workload(
            name,
            "account-" + random.nextInt(2),
            random.nextBoolean(),
            AddressFamily.IPV4,
            "owner",
            "Deployment",
            "app",
            "v" + random.nextInt(2),
            List.of()));
  }

  private Change randomSplit() {
    int index = random.nextInt(SPLITS);
    if (random.nextInt(4) == 0) {
      return new Change.SplitChange(new ObjectName("shop", "split-" + index), null);
    }
    List<SplitCondition> conditions =
        random.nextBoolean()
            ? List.of()
            : List.of(new SplitCondition(randomRouteGroupName(), "spec.matches[0]"));
    return split(index, random.nextInt(SERVICES), conditions, random.nextInt(3), random.nextInt(3));
  }

  private Change randomRouteGroup() {
    int index = random.nextInt(ROUTE_GROUPS);
    return random.nextInt(3) == 0
        ? new Change.RouteGroupChange(routeGroupName(index), null)
        : routeGroup(index, "/" + random.nextInt(2));
  }

  private ObjectName randomRouteGroupName() {
    return routeGroupName(random.nextInt(ROUTE_GROUPS));
  }

  private Change randomPortRule() {
    PortRule.Name name = randomPortRuleName();
    if (random.nextInt(3) == 0) {
      return new Change.PortRuleChange(name, null);
    }
    return new Change.PortRuleChange(
        name,
        new PortRule(
            new ObjectReference("specs.smi-spec.io/v1alpha4", "TCPRoute", name.name(), "uid"),
            random.nextInt(3) == 0
                ? new TreeSet<>()
                : new TreeSet<>(List.of(80 + random.nextInt(2)))));
  }

  private PortRule.Name randomPortRuleName() {
    return new PortRule.Name(
        any(Transport.values()), new ObjectName("shop", "ports-" + random.nextInt(PORT_RULES)));
  }

  private Change randomGrant() {
    int index = random.nextInt(GRANTS);
    if (random.nextInt(4) == 0) {
      return new Change.GrantChange(new ObjectName("shop", "grant-" + index), null);
    }
    List<Rule> rules =
        IntStream.range(0, random.nextInt(3))
            .<Rule>mapToObj(i ->
                random.nextBoolean()
                    ? new Rule.Requests(randomRouteGroupName(), List.of(), "rules[" + i + "]")
                    : new Rule.Ports(randomPortRuleName(), "rules[" + i + "]"))
            .toList();
    String namespace = random.nextInt(4) == 0 ? "other" : "shop";
    return grant(index, new ObjectName(namespace, "account-" + random.nextInt(2)), rules);
  }

  private Change randomNode() {
    String name = "node-" + random.nextInt(NODES);
    return new Change.NodeChange(
        name, random.nextInt(3) == 0 ? null : new Locality("region", "zone-" + random.nextInt(2)));
  }

  private <T> T any(T[] values) {
    return List.of(values).get(random.nextInt(values.length));
  }

  private static ObjectName workloadName(int index) {
    return new ObjectName("shop", "pod-" + index);
  }
}
