package dev.heddle.dataplane.xds.translation;

import com.google.protobuf.Any;
import dev.heddle.dataplane.config.HttpFilter;
import io.envoyproxy.envoy.config.route.v3.FilterConfig;
import io.envoyproxy.envoy.extensions.filters.http.fault.v3.HTTPFault;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.PerRouteConfig;
import io.envoyproxy.envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit;
import io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBAC;
import io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBACPerRoute;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** HTTP filters, in the connection manager and where routes override them. */
final class HttpFilterTranslator {

  private static final String SUPPORTED =
      "RBAC, HTTPFault, LocalRateLimit or JwtAuthentication (envoy.extensions.filters.http)";

  private HttpFilterTranslator() {}

  /** All but the router, which must be the last. */
  static List<HttpFilter.Named> filters(HttpConnectionManager manager, FieldPath path) {
    int count = manager.getHttpFiltersCount();
    if (count == 0) {
      throw path.field("http_filters").invalid("[]", "a router as the last filter");
    }
    router(manager.getHttpFilters(count - 1), path.element("http_filters", count - 1));
    List<HttpFilter.Named> filters = new ArrayList<>(count - 1);
    for (int i = 0; i < count - 1; i++) {
      var filter = manager.getHttpFilters(i);
      FieldPath at = path.element("http_filters", i);
      at.allowOnly(filter, Set.of("name", "typed_config", "disabled"));
      HttpFilter translated = filter(filter.getTypedConfig(), at.field("typed_config"));
      filters.add(
          new HttpFilter.Named(
              filter.getName(), filter.getDisabled() ? new HttpFilter.Disabled() : translated));
    }
    return filters;
  }

  private static void router(
      io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter filter,
      FieldPath path) {
    path.allowOnly(filter, Set.of("name", "typed_config"));
    FieldPath at = path.field("typed_config");
    Router router = at.unpack(filter.getTypedConfig(), Router.class, Router.getDefaultInstance());
    at.allowOnly(router, Set.of(), Set.of("dynamic_stats", "suppress_envoy_headers"));
  }

  private static HttpFilter filter(Any config, FieldPath path) {
    if (FieldPath.holds(config, RBAC.getDefaultInstance())) {
      return access(path.unpack(config, RBAC.class, RBAC.getDefaultInstance()), path);
    }
    if (FieldPath.holds(config, HTTPFault.getDefaultInstance())) {
      return FaultTranslator.fault(
          path.unpack(config, HTTPFault.class, HTTPFault.getDefaultInstance()), path);
    }
    if (FieldPath.holds(config, LocalRateLimit.getDefaultInstance())) {
      return RateLimitTranslator.limit(
          path.unpack(config, LocalRateLimit.class, LocalRateLimit.getDefaultInstance()), path);
    }
    if (FieldPath.holds(config, JwtAuthentication.getDefaultInstance())) {
      return JwtTranslator.authentication(
          path.unpack(config, JwtAuthentication.class, JwtAuthentication.getDefaultInstance()),
          path);
    }
    throw path.invalid(config.getTypeUrl(), SUPPORTED);
  }

  private static HttpFilter access(RBAC rbac, FieldPath path) {
    path.allowOnly(rbac, Set.of("rules"), Set.of("rules_stat_prefix", "track_per_rule_stats"));
    if (!rbac.hasRules()) {
      return new HttpFilter.Disabled();
    }
    FieldPath at = path.field("rules");
    return AccessRulesTranslator.isPlain(rbac.getRules())
        ? new HttpFilter.Access(AccessPolicyTranslator.policy(rbac.getRules(), at))
        : AccessRulesTranslator.onRequests(rbac.getRules(), at);
  }

  /**
   * What stands in the place of filters.
   *
   * @param outer of the level above
   */
  static Map<String, HttpFilter> overrides(
      Map<String, Any> configs, Map<String, HttpFilter> outer, FieldPath path) {
    if (configs.isEmpty()) {
      return outer;
    }
    Map<String, HttpFilter> overrides = new HashMap<>(outer);
    configs.forEach((name, config) ->
        overrides.put(name, override(config, path.entry("typed_per_filter_config", name))));
    return overrides;
  }

  private static HttpFilter override(Any config, FieldPath path) {
    if (FieldPath.holds(config, FilterConfig.getDefaultInstance())) {
      FilterConfig wrapped =
          path.unpack(config, FilterConfig.class, FilterConfig.getDefaultInstance());
      path.allowOnly(wrapped, Set.of("config", "disabled"));
      return wrapped.getDisabled()
          ? new HttpFilter.Disabled()
          : override(wrapped.getConfig(), path.field("config"));
    }
    if (FieldPath.holds(config, RBACPerRoute.getDefaultInstance())) {
      RBACPerRoute perRoute =
          path.unpack(config, RBACPerRoute.class, RBACPerRoute.getDefaultInstance());
      path.allowOnly(perRoute, Set.of("rbac"));
      return perRoute.hasRbac()
          ? access(perRoute.getRbac(), path.field("rbac"))
          : new HttpFilter.Disabled();
    }
    if (FieldPath.holds(config, PerRouteConfig.getDefaultInstance())) {
      PerRouteConfig perRoute =
          path.unpack(config, PerRouteConfig.class, PerRouteConfig.getDefaultInstance());
      path.allowOnly(perRoute, Set.of("disabled"));
      return new HttpFilter.Disabled();
    }
    if (FieldPath.holds(config, RBAC.getDefaultInstance())
        || FieldPath.holds(config, JwtAuthentication.getDefaultInstance())) {
      throw path.invalid(
          config.getTypeUrl(), "RBACPerRoute or PerRouteConfig of jwt_authn in a route");
    }
    return filter(config, path);
  }
}
