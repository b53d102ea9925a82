package dev.heddle.dataplane.xds.translation;

import dev.heddle.dataplane.config.HeaderMutations;
import dev.heddle.dataplane.config.HttpFilter;
import dev.heddle.dataplane.config.RouteConfiguration;
import dev.heddle.dataplane.config.RouteConfiguration.Mirror;
import dev.heddle.dataplane.config.RouteConfiguration.RetryPolicy;
import dev.heddle.dataplane.config.RouteConfiguration.Route;
import dev.heddle.dataplane.config.RouteConfiguration.RouteAction;
import dev.heddle.dataplane.config.RouteConfiguration.RouteMatch;
import dev.heddle.dataplane.config.RouteConfiguration.VirtualHost;
import dev.heddle.dataplane.xds.translation.RouteActionTranslator.Inherited;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** envoy.config.route.v3. */
final class RouteTranslator {

  private static final String ADD_TO_REQUEST = "request_headers_to_add";
  private static final String REMOVE_FROM_REQUEST = "request_headers_to_remove";
  private static final String ADD_TO_RESPONSE = "response_headers_to_add";
  private static final String REMOVE_FROM_RESPONSE = "response_headers_to_remove";

  private static final String FILTERS = "typed_per_filter_config";

  private RouteTranslator() {}

  /** What holds for a route unless it says otherwise. */
  private record Outer(
      HeaderMutations headers,
      RetryPolicy retries,
      List<Mirror> mirrors,
      Map<String, HttpFilter> filters) {}

  static RouteConfiguration configuration(
      io.envoyproxy.envoy.config.route.v3.RouteConfiguration configuration, FieldPath path) {
    path.allowOnly(
        configuration,
        Set.of(
            "name",
            "virtual_hosts",
            "request_mirror_policies",
            "ignore_port_in_host_matching",
            FILTERS,
            ADD_TO_REQUEST,
            REMOVE_FROM_REQUEST,
            ADD_TO_RESPONSE,
            REMOVE_FROM_RESPONSE),
        Set.of("metadata", "validate_clusters"));
    HeaderMutations headers =
        HeaderMutationTranslator.mutations(
            configuration.getRequestHeadersToAddList(),
            configuration.getRequestHeadersToRemoveList(),
            configuration.getResponseHeadersToAddList(),
            configuration.getResponseHeadersToRemoveList(),
            path);
    Outer outer =
        new Outer(
            headers,
            RetryPolicy.NONE,
            RouteActionTranslator.mirrors(configuration.getRequestMirrorPoliciesList(), path),
            HttpFilterTranslator.overrides(
                configuration.getTypedPerFilterConfigMap(), Map.of(), path));
    List<VirtualHost> hosts = new ArrayList<>(configuration.getVirtualHostsCount());
    for (int i = 0; i < configuration.getVirtualHostsCount(); i++) {
      hosts.add(
          virtualHost(configuration.getVirtualHosts(i), outer, path.element("virtual_hosts", i)));
    }
    return new RouteConfiguration(
        configuration.getName(), hosts, configuration.getIgnorePortInHostMatching());
  }

  private static VirtualHost virtualHost(
      io.envoyproxy.envoy.config.route.v3.VirtualHost host, Outer outer, FieldPath path) {
    path.allowOnly(
        host,
        Set.of(
            "name",
            "domains",
            "routes",
            "retry_policy",
            "request_mirror_policies",
            FILTERS,
            ADD_TO_REQUEST,
            REMOVE_FROM_REQUEST,
            ADD_TO_RESPONSE,
            REMOVE_FROM_RESPONSE),
        Set.of("metadata"));
    if (host.getDomainsCount() == 0) {
      throw path.field("domains").invalid("[]", "at least one domain");
    }
    for (int i = 0; i < host.getDomainsCount(); i++) {
      String domain = host.getDomains(i);
      int wildcard = domain.indexOf('*');
      boolean inside = wildcard > 0 && wildcard < domain.length() - 1;
      if (domain.isEmpty() || inside || wildcard != domain.lastIndexOf('*')) {
        throw path.element("domains", i).invalid('"' + domain + '"', "a.b, *.b, a.* or *");
      }
    }
    HeaderMutations headers =
        HeaderMutationTranslator.mutations(
                host.getRequestHeadersToAddList(),
                host.getRequestHeadersToRemoveList(),
                host.getResponseHeadersToAddList(),
                host.getResponseHeadersToRemoveList(),
                path)
            .then(outer.headers());
    Outer own =
        new Outer(
            headers,
            host.hasRetryPolicy()
                ? RetryPolicyTranslator.policy(host.getRetryPolicy(), path.field("retry_policy"))
                : RetryPolicy.NONE,
            host.getRequestMirrorPoliciesCount() == 0
                ? outer.mirrors()
                : RouteActionTranslator.mirrors(host.getRequestMirrorPoliciesList(), path),
            HttpFilterTranslator.overrides(
                host.getTypedPerFilterConfigMap(), outer.filters(), path));
    List<Route> routes = new ArrayList<>(host.getRoutesCount());
    for (int i = 0; i < host.getRoutesCount(); i++) {
      routes.add(route(host.getRoutes(i), own, path.element("routes", i)));
    }
    return new VirtualHost(host.getName(), List.copyOf(host.getDomainsList()), routes);
  }

  private static Route route(
      io.envoyproxy.envoy.config.route.v3.Route route, Outer outer, FieldPath path) {
    path.allowOnly(
        route,
        Set.of(
            "name",
            "match",
            "route",
            "redirect",
            "direct_response",
            "tracing",
            "decorator",
            FILTERS,
            ADD_TO_REQUEST,
            REMOVE_FROM_REQUEST,
            ADD_TO_RESPONSE,
            REMOVE_FROM_RESPONSE),
        Set.of("metadata", "stat_prefix"));
    RouteMatch match = RequestMatchTranslator.match(route.getMatch(), path.field("match"));
    RouteAction action =
        switch (route.getActionCase()) {
          case ROUTE ->
              RouteActionTranslator.forward(
                  route.getRoute(),
                  match.path(),
                  new Inherited(outer.retries(), outer.mirrors()),
                  path.field("route"));
          case REDIRECT ->
              RouteActionTranslator.redirect(
                  route.getRedirect(), match.path(), path.field("redirect"));
          case DIRECT_RESPONSE ->
              RouteActionTranslator.directResponse(
                  route.getDirectResponse(), path.field("direct_response"));
          case FILTER_ACTION, NON_FORWARDING_ACTION, ACTION_NOT_SET ->
              throw path.invalid(route.getActionCase(), "route, redirect or direct_response");
        };
    HeaderMutations headers =
        HeaderMutationTranslator.mutations(
                route.getRequestHeadersToAddList(),
                route.getRequestHeadersToRemoveList(),
                route.getResponseHeadersToAddList(),
                route.getResponseHeadersToRemoveList(),
                path)
            .then(outer.headers());
    return new Route(
        route.getName(),
        match,
        action,
        headers,
        HttpFilterTranslator.overrides(route.getTypedPerFilterConfigMap(), outer.filters(), path),
        TracingTranslator.forRoute(route, path));
  }
}
