package dev.heddle.smiadapter.translate;

import com.google.protobuf.Message;
import dev.heddle.meshapi.identity.SpiffeId;
import dev.heddle.smiadapter.resources.Packing;
import dev.heddle.smiadapter.state.Probe;
import dev.heddle.smiadapter.state.RequestMatch;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.rbac.v3.Permission;
import io.envoyproxy.envoy.config.rbac.v3.Policy;
import io.envoyproxy.envoy.config.rbac.v3.Principal;
import io.envoyproxy.envoy.config.rbac.v3.RBAC;
import io.envoyproxy.envoy.config.route.v3.HeaderMatcher;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.type.matcher.v3.PathMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import io.envoyproxy.envoy.type.v3.Int32Range;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Makes the filters that refuse what nothing grants. An empty set of rules refuses everything.
 * Clients are known by the identity in their certificate, so grants are of use only behind TLS.
 */
final class AccessRules {

  /** Few enough that a proxy may multiply them out with other conditions. */
  private static final int PORTS_PER_PERMISSION = 256;

  /** What conditions and ports may come to when each is said with each. */
  private static final int MAX_PRODUCT = 1_024;

  private static final Permission ANY = Permission.newBuilder().setAny(true).build();

  private AccessRules() {}

  /** For a chain of bytes: what is granted for requests alone is refused here. */
  static Filter network(List<AccessGrant> grants, String statPrefix) {
    RBAC.Builder rules = nothing();
    for (AccessGrant grant : grants) {
      switch (grant.traffic()) {
        case GrantedTraffic.Everything(PortLimit ports) ->
            rules.putPolicies(grant.name(), policy(grant.clients(), onPorts(ports)));
        case GrantedTraffic.Requests(var matches, PortLimit ports) -> {}
        case GrantedTraffic.Nothing() -> {}
      }
    }
    Message filter =
        io.envoyproxy
            .envoy
            .extensions
            .filters
            .network
            .rbac
            .v3
            .RBAC
            .newBuilder()
            .setRules(rules)
            .setStatPrefix(statPrefix + ".")
            .build();
    return Filter.newBuilder()
        .setName("envoy.filters.network.rbac")
        .setTypedConfig(Packing.pack(filter))
        .build();
  }

  /** For a chain of HTTP requests, which the given probes pass whoever sends them. */
  static HttpFilter http(List<AccessGrant> grants, List<Probe> probes) {
    RBAC.Builder rules = nothing();
    if (!probes.isEmpty()) {
      rules.putPolicies("kubelet-probes", probing(probes));
    }
    for (AccessGrant grant : grants) {
      switch (grant.traffic()) {
        case GrantedTraffic.Everything(PortLimit ports) ->
            rules.putPolicies(grant.name(), policy(grant.clients(), onPorts(ports)));
        case GrantedTraffic.Requests(var matches, PortLimit ports) ->
            rules.putPolicies(grant.name(), policy(grant.clients(), requests(matches, ports)));
        case GrantedTraffic.Nothing() -> {}
      }
    }
    Message filter =
        io.envoyproxy
            .envoy
            .extensions
            .filters
            .http
            .rbac
            .v3
            .RBAC
            .newBuilder()
            .setRules(rules)
            .build();
    return HttpFilter.newBuilder()
        .setName("envoy.filters.http.rbac")
        .setTypedConfig(Packing.pack(filter))
        .build();
  }

  private static RBAC.Builder nothing() {
    return RBAC.newBuilder().setAction(RBAC.Action.ALLOW);
  }

  private static Policy policy(List<SpiffeId> clients, Stream<Permission> permissions) {
    Policy.Builder policy = Policy.newBuilder();
    permissions.forEach(policy::addPermissions);
    clients.forEach(client ->
        policy.addPrincipals(
            Principal.newBuilder()
                .setAuthenticated(
                    Principal.Authenticated.newBuilder()
                        .setPrincipalName(equal(client.toString())))));
    return policy.build();
  }

  /**
   * A permission for each condition on each group of ports, which proxies decide on fastest; or one
   * that does not grow with their product where that is large.
   */
  private static Stream<Permission> requests(List<RequestMatch> matches, PortLimit limit) {
    return switch (limit) {
      case PortLimit.To(var ports) when (long) matches.size() * ports.size() > MAX_PRODUCT ->
          Stream.of(
              all(
                  anyOf(ports.stream().map(AccessRules::range).toList()),
                  List.of(anyOf(matches.stream().map(AccessRules::request).toList()))));
      case PortLimit.To to -> each(matches, to);
      case PortLimit.None none -> each(matches, none);
    };
  }

  private static Stream<Permission> each(List<RequestMatch> matches, PortLimit limit) {
    return matches.stream()
        .flatMap(match ->
            onPorts(limit).map(onPort -> all(onPort, RequestConditions.permissions(match))));
  }

  private static Permission request(RequestMatch match) {
    return all(ANY, RequestConditions.permissions(match));
  }

  /** Any of these. */
  private static Stream<Permission> onPorts(PortLimit limit) {
    return switch (limit) {
      case PortLimit.None() -> Stream.of(ANY);
      case PortLimit.To(var ports) -> {
        List<Permission> groups = new ArrayList<>();
        List<Permission> each = ports.stream().map(AccessRules::port).toList();
        for (int from = 0; from < each.size(); from += PORTS_PER_PERMISSION) {
          groups.add(anyOf(each.subList(from, Math.min(each.size(), from + PORTS_PER_PERMISSION))));
        }
        yield groups.stream();
      }
    };
  }

  private static Permission port(int port) {
    return Permission.newBuilder().setDestinationPort(port).build();
  }

  private static Permission range(int port) {
    return Permission.newBuilder()
        .setDestinationPortRange(Int32Range.newBuilder().setStart(port).setEnd(port + 1))
        .build();
  }

  private static Permission anyOf(List<Permission> each) {
    return each.size() == 1
        ? each.getFirst()
        : Permission.newBuilder().setOrRules(Permission.Set.newBuilder().addAllRules(each)).build();
  }

  private static Permission all(Permission first, List<Permission> others) {
    List<Permission> all = new ArrayList<>();
    if (!first.getAny() || others.isEmpty()) {
      all.add(first);
    }
    all.addAll(others);
    return all.size() == 1
        ? all.getFirst()
        : Permission.newBuilder().setAndRules(Permission.Set.newBuilder().addAllRules(all)).build();
  }

  private static Policy probing(List<Probe> probes) {
    Policy.Builder policy = Policy.newBuilder().addPrincipals(Principal.newBuilder().setAny(true));
    probes.stream().distinct().sorted().map(AccessRules::exactly).forEach(policy::addPermissions);
    return policy.build();
  }

  private static Permission exactly(Probe probe) {
    return Permission.newBuilder()
        .setAndRules(
            Permission.Set.newBuilder()
                .addRules(Permission.newBuilder().setDestinationPort(probe.port()))
                .addRules(
                    Permission.newBuilder()
                        .setHeader(
                            HeaderMatcher.newBuilder()
                                .setName(":method")
                                .setStringMatch(equal(probe.method()))))
                .addRules(
                    Permission.newBuilder()
                        .setUrlPath(PathMatcher.newBuilder().setPath(equal(probe.path())))))
        .build();
  }

  private static StringMatcher equal(String text) {
    return StringMatcher.newBuilder().setExact(text).build();
  }
}
