package dev.heddle.smiadapter.translate;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.heddle.smiadapter.state.AccessControl;
import dev.heddle.smiadapter.state.AddressFamily;
import dev.heddle.smiadapter.state.Change;
import dev.heddle.smiadapter.state.Grant;
import dev.heddle.smiadapter.state.Grant.Rule;
import dev.heddle.smiadapter.state.HeaderCondition;
import dev.heddle.smiadapter.state.MeshSettings;
import dev.heddle.smiadapter.state.MeshState;
import dev.heddle.smiadapter.state.ObjectName;
import dev.heddle.smiadapter.state.ObjectReference;
import dev.heddle.smiadapter.state.PortRule;
import dev.heddle.smiadapter.state.RequestMatch;
import dev.heddle.smiadapter.state.RouteGroup;
import dev.heddle.smiadapter.state.TextCondition;
import dev.heddle.smiadapter.state.Transport;
import dev.heddle.smiadapter.state.Workload;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.rbac.v3.Permission;
import io.envoyproxy.envoy.config.rbac.v3.RBAC;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the policies of a workload let through is what the grants say, whatever they refer to: held
 * against grants read a second time, in the plainest words, over random grants and traffic.
 */
class GrantedAccessTest {

  private static final int MESHES = 300;
  private static final int TRAFFIC = 60;
  private static final String TRUST_DOMAIN = "cluster.local";
  private static final ObjectName WEB = new ObjectName("shop", "web");
  private static final ObjectName POD = new ObjectName("shop", "web-1");
  private static final List<String> METHODS = List.of("GET", "POST", "PUT");
  private static final List<String> PATHS = List.of("/", "/a", "/a/b", "/b");
  private static final List<String> STAGES = List.of("", "beta", "canary");

  /**
   * What a client sends.
   *
   * @param stage the header {@code x-stage}; empty for none
   */
  private record Request(ObjectName client, int port, String method, String path, String stage) {}

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void isWhatTheGrantsSay(long seed) throws InvalidProtocolBufferException {
    Random random = new Random(seed);
    int let = 0;
    for (int mesh = 0; mesh < MESHES; mesh++) {
      MeshState state = randomMesh(random, mesh % 10 == 0 ? 60 : 3);
      Policies policies = Policies.of(state);
      for (int i = 0; i < TRAFFIC; i++) {
        Request request = randomRequest(random);
        boolean expected = granted(state, request, true);
        assertThat(policies.allowRequest(request))
            .as("%s by %s", request, state.grants().toList())
            .isEqualTo(expected);
        assertThat(policies.allowStream(request))
            .as("bytes of %s by %s", request, state.grants().toList())
            .isEqualTo(granted(state, request, false));
        let += expected ? 1 : 0;
      }
    }
    assertThat(let).as("requests let through").isBetween(MESHES, MESHES * TRAFFIC / 2);
  }

  // What grants say.

  private static boolean granted(MeshState state, Request request, boolean http) {
    return state.grants().anyMatch(grant -> grants(state, grant, request, http));
  }

  private static boolean grants(MeshState state, Grant grant, Request request, boolean http) {
    boolean decided =
        state.settings().foreignGrants()
            || grant.source().name().namespace().equals(grant.destination().namespace());
    Integer only = grant.port();
    if (!decided
        || !grant.destination().equals(WEB)
        || !grant.clients().contains(request.client())
        || (only != null && only != request.port())) {
      return false;
    }
    boolean limitsRequests = false;
    boolean limitsPorts = false;
    boolean requestFits = false;
    boolean portFits = false;
    for (Rule rule : grant.rules()) {
      switch (rule) {
        case Rule.Requests named -> {
          limitsRequests = true;
          requestFits |=
              state
                  .routeGroup(named.group())
                  .filter(group -> isOf(group, named.matches(), request))
                  .isPresent();
        }
        case Rule.Ports named -> {
          boolean tcp = named.rule().transport() == Transport.TCP;
          limitsPorts |= tcp;
          portFits |=
              tcp
                  && state
                      .portRule(named.rule())
                      .filter(ports ->
                          ports.ports().isEmpty() || ports.ports().contains(request.port()))
                      .isPresent();
        }
      }
    }
    boolean portGranted = !limitsPorts || portFits;
    return http
        ? (limitsRequests || limitsPorts) && portGranted && (!limitsRequests || requestFits)
        : limitsPorts && portFits && !limitsRequests;
  }

  private static boolean isOf(RouteGroup group, List<String> names, Request request) {
    return group.matches().entrySet().stream()
        .filter(match -> names.isEmpty() || names.contains(match.getKey()))
        .anyMatch(match -> fulfils(match.getValue(), request));
  }

  private static boolean fulfils(RequestMatch match, Request request) {
    return (match.path() == null || fulfils(match.path(), request.path()))
        && (match.methods().isEmpty() || match.methods().contains(request.method()))
        && match.headers().stream()
            .allMatch(
                header -> !request.stage().isEmpty() && fulfils(header.value(), request.stage()));
  }

  private static boolean fulfils(TextCondition condition, String text) {
    return switch (condition) {
      case TextCondition.Exact(String exact) -> text.equals(exact);
      case TextCondition.Prefix(String prefix) -> text.startsWith(prefix);
      case TextCondition.Pattern(String regex) -> Pattern.matches(regex, text);
    };
  }

  // What policies say, as envoy.config.rbac.v3 documents it.

  private record Policies(RBAC requests, RBAC streams) {

    static Policies of(MeshState state) throws InvalidProtocolBufferException {
      Listener listener =
          Translator.translate(state, new Unit.OfWorkload(POD))
              .resources()
              .getFirst()
              .encoded()
              .getResource()
              .unpack(Listener.class);
      FilterChain http = listener.getFilterChains(0);
      FilterChain tcp = listener.getFilterChains(1);
      return new Policies(
          http.getFilters(0)
              .getTypedConfig()
              .unpack(HttpConnectionManager.class)
              .getHttpFilters(0)
              .getTypedConfig()
              .unpack(io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBAC.class)
              .getRules(),
          tcp.getFilters(0)
              .getTypedConfig()
              .unpack(io.envoyproxy.envoy.extensions.filters.network.rbac.v3.RBAC.class)
              .getRules());
    }

    boolean allowRequest(Request request) {
      return allows(requests, request);
    }

    boolean allowStream(Request request) {
      return allows(streams, request);
    }

    private static boolean allows(RBAC rules, Request request) {
      String identity =
          "spiffe://%s/ns/%s/sa/%s"
              .formatted(TRUST_DOMAIN, request.client().namespace(), request.client().name());
      return rules.getPoliciesMap().values().stream()
          .anyMatch(policy ->
              policy.getPrincipalsList().stream()
                      .anyMatch(principal ->
                          principal
                              .getAuthenticated()
                              .getPrincipalName()
                              .getExact()
                              .equals(identity))
                  && policy.getPermissionsList().stream()
                      .anyMatch(permission -> holds(permission, request)));
    }

    private static boolean holds(Permission permission, Request request) {
      return switch (permission.getRuleCase()) {
        case ANY -> true;
        case AND_RULES ->
            permission.getAndRules().getRulesList().stream().allMatch(each -> holds(each, request));
        case OR_RULES ->
            permission.getOrRules().getRulesList().stream().anyMatch(each -> holds(each, request));
        case DESTINATION_PORT -> permission.getDestinationPort() == request.port();
        case DESTINATION_PORT_RANGE ->
            permission.getDestinationPortRange().getStart() <= request.port()
                && request.port() < permission.getDestinationPortRange().getEnd();
        case URL_PATH -> matches(permission.getUrlPath().getPath(), request.path());
        case HEADER ->
            switch (permission.getHeader().getName()) {
              case ":method" -> matches(permission.getHeader().getStringMatch(), request.method());
              case "x-stage" ->
                  !request.stage().isEmpty()
                      && matches(permission.getHeader().getStringMatch(), request.stage());
              default -> throw new AssertionError(permission.toString());
            };
        default -> throw new AssertionError(permission.toString());
      };
    }

    private static boolean matches(StringMatcher matcher, String text) {
      return switch (matcher.getMatchPatternCase()) {
        case EXACT -> text.equals(matcher.getExact());
        case PREFIX -> text.startsWith(matcher.getPrefix());
        case SAFE_REGEX -> Pattern.matches(matcher.getSafeRegex().getRegex(), text);
        default -> throw new AssertionError(matcher.toString());
      };
    }
  }

  // Random meshes and traffic.

  private static Request randomRequest(Random random) {
    return new Request(
        randomAccount(random),
        80 + random.nextInt(4),
        any(random, METHODS),
        any(random, PATHS),
        any(random, STAGES));
  }

  /**
   * A workload, what may be granted to it, and grants.
   *
   * @param size how many conditions and ports there are in one place, at most
   */
  private static MeshState randomMesh(Random random, int size) {
    MeshState state =
        MeshState.empty(
                new MeshSettings(TRUST_DOMAIN, AccessControl.ENFORCED, random.nextBoolean()))
            .apply(
                new Change.WorkloadChange(
                    POD,
                    new Workload(
                        POD,
                        WEB.name(),
                        true,
                        AddressFamily.IPV4,
                        "web",
                        "Deployment",
                        "",
                        "",
                        List.of())));
    for (int i = 0; i < 2; i++) {
      state = state.apply(randomRouteGroup(random, i, size));
      state = state.apply(randomPortRule(random, i, size));
      state = state.apply(randomGrant(random, i));
    }
    return state;
  }

  private static Change randomRouteGroup(Random random, int index, int size) {
    ObjectName name = new ObjectName("shop", "group-" + index);
    Map<String, RequestMatch> matches = new TreeMap<>();
    for (int i = random.nextInt(size) + 1; i > 0; i--) {
      matches.put(
          "match-" + i,
          new RequestMatch(
              randomPath(random),
              random.nextBoolean() ? List.of() : METHODS.subList(0, random.nextInt(2) + 1),
              random.nextBoolean()
                  ? List.of()
                  : List.of(new HeaderCondition("x-stage", randomStage(random)))));
    }
    return new Change.RouteGroupChange(
        name,
        random.nextInt(5) == 0 ? null : new RouteGroup(reference("HTTPRouteGroup", name), matches));
  }

  private static @Nullable TextCondition randomPath(Random random) {
    String path = any(random, PATHS);
    return switch (random.nextInt(4)) {
      case 0 -> null;
      case 1 -> new TextCondition.Exact(path);
      case 2 -> new TextCondition.Prefix(path);
      default -> new TextCondition.Pattern("(?:" + path + ").*");
    };
  }

  private static TextCondition randomStage(Random random) {
    return random.nextBoolean()
        ? new TextCondition.Exact("beta")
        : new TextCondition.Pattern("beta|canary");
  }

  private static Change randomPortRule(Random random, int index, int size) {
    PortRule.Name name = new PortRule.Name(Transport.TCP, new ObjectName("shop", "ports-" + index));
    SortedSet<Integer> ports = new TreeSet<>();
    for (int i = random.nextInt(size); i > 0; i--) {
      ports.add(80 + random.nextInt(4 + size));
    }
    return new Change.PortRuleChange(
        name,
        random.nextInt(5) == 0 ? null : new PortRule(reference("TCPRoute", name.name()), ports));
  }

  private static Change randomGrant(Random random, int index) {
    ObjectName name = new ObjectName(any(random, List.of("shop", "other")), "grant-" + index);
    List<Rule> rules = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      rules.add(randomRule(random));
    }
    return new Change.GrantChange(
        name,
        new Grant(
            reference("TrafficTarget", name),
            random.nextInt(6) == 0 ? new ObjectName("shop", "other") : WEB,
            "spec.destination",
            IntStream.range(0, random.nextInt(3)).mapToObj(i -> randomAccount(random)).toList(),
            random.nextInt(4) == 0 ? 80 + random.nextInt(2) : null,
            rules));
  }

  private static Rule randomRule(Random random) {
    int index = random.nextInt(2);
    return switch (random.nextInt(5)) {
      case 0, 1 ->
          new Rule.Requests(
              new ObjectName("shop", "group-" + index),
              random.nextBoolean() ? List.of() : List.of("match-1", "match-2"),
              "rule");
      case 2, 3 ->
          new Rule.Ports(
              new PortRule.Name(Transport.TCP, new ObjectName("shop", "ports-" + index)), "rule");
      default ->
          new Rule.Ports(
              new PortRule.Name(Transport.UDP, new ObjectName("shop", "ports-" + index)), "rule");
    };
  }

  private static ObjectName randomAccount(Random random) {
    return new ObjectName(
        any(random, List.of("shop", "other")), any(random, List.of("client", "monitor")));
  }

  private static ObjectReference reference(String kind, ObjectName name) {
    return new ObjectReference("smi-spec.io/v1", kind, name, "uid");
  }

  private static <T> T any(Random random, List<T> values) {
    return values.get(random.nextInt(values.size()));
  }
}
