package dev.heddle.smiadapter.translate;

import com.google.protobuf.Message;
import dev.heddle.smiadapter.resources.Packing;
import dev.heddle.smiadapter.state.AccessControl;
import dev.heddle.smiadapter.state.Probe;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.rbac.v3.Permission;
import io.envoyproxy.envoy.config.rbac.v3.Policy;
import io.envoyproxy.envoy.config.rbac.v3.Principal;
import io.envoyproxy.envoy.config.rbac.v3.RBAC;
import io.envoyproxy.envoy.config.route.v3.HeaderMatcher;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.type.matcher.v3.PathMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import java.util.List;

/**
 * Makes the filters that refuse what nothing grants. Without them in a chain everything passes; an
 * empty set of rules refuses everything.
 */
final class AccessRules {

  private AccessRules() {}

  /** For a chain of bytes. */
  static List<Filter> network(AccessControl control, String statPrefix) {
    return switch (control) {
      case PERMISSIVE -> List.of();
      case ENFORCED ->
          List.of(
              Filter.newBuilder()
                  .setName("envoy.filters.network.rbac")
                  .setTypedConfig(
                      Packing.pack(
                          io.envoyproxy
                              .envoy
                              .extensions
                              .filters
                              .network
                              .rbac
                              .v3
                              .RBAC
                              .newBuilder()
                              .setRules(nothing())
                              .setStatPrefix(statPrefix + ".")
                              .build()))
                  .build());
    };
  }

  /** For a chain of HTTP requests, which the given probes pass. */
  static List<HttpFilter> http(AccessControl control, List<Probe> probes) {
    return switch (control) {
      case PERMISSIVE -> List.of();
      case ENFORCED -> {
        RBAC.Builder rules = nothing();
        if (!probes.isEmpty()) {
          rules.putPolicies("kubelet-probes", probing(probes));
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
        yield List.of(
            HttpFilter.newBuilder()
                .setName("envoy.filters.http.rbac")
                .setTypedConfig(Packing.pack(filter))
                .build());
      }
    };
  }

  private static RBAC.Builder nothing() {
    return RBAC.newBuilder().setAction(RBAC.Action.ALLOW);
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
