package dev.heddle.smiadapter.translate;

import dev.heddle.smiadapter.resources.Resource;
import dev.heddle.smiadapter.resources.ResourceType;
import dev.heddle.smiadapter.state.MeshState;
import dev.heddle.smiadapter.state.Service;
import dev.heddle.smiadapter.state.ServicePort;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import java.util.ArrayList;
import java.util.List;

/** Translates one service: everything that bears its name, and the listeners of its addresses. */
final class ServiceTranslation {

  private final MeshState state;
  private final Service service;
  private final SplitPlanner planner;
  private final String trustDomain;
  private final List<Resource> resources = new ArrayList<>();

  private ServiceTranslation(MeshState state, Service service) {
    this.state = state;
    this.service = service;
    this.planner = new SplitPlanner(state, service);
    this.trustDomain = state.settings().trustDomain();
  }

  static UnitTranslation of(MeshState state, Service service) {
    ServiceTranslation translation = new ServiceTranslation(state, service);
    service.ports().forEach(translation::translate);
    return new UnitTranslation(translation.resources, translation.planner.findings());
  }

  private void translate(ServicePort port) {
    String name = ResourceNames.service(service.name(), port.number());
    TrafficPlan plan = planner.plan(port);
    List<ResolvedEndpoint> endpoints = ResolvedEndpoint.of(state, service, port);
    resources.add(Clusters.ofService(service, port, endpoints, trustDomain));
    resources.add(LoadAssignments.ofService(service.name(), port.number(), endpoints, trustDomain));
    resources.add(Resource.of(ResourceType.ROUTE, name, Routes.planned(name, plan)));
    Filter http = NetworkFilters.http(name, name);
    Filter tcp = NetworkFilters.tcp(name, name, plan);
    for (String address : service.addresses()) {
      resources.add(OutboundListeners.of(address, port.number(), port.protocol(), http, tcp));
    }
    if (service.headless()) {
      endpoints.forEach(endpoint -> translateHeadless(port, endpoint, plan, http, tcp));
    }
  }

  /** The sender has chosen an endpoint by name resolution; only a split may choose another. */
  private void translateHeadless(
      ServicePort port,
      ResolvedEndpoint endpoint,
      TrafficPlan plan,
      Filter splitHttp,
      Filter splitTcp) {
    String cluster = ResourceNames.address(endpoint.address(), endpoint.port());
    resources.add(Clusters.ofAddress(service, port, endpoint, trustDomain));
    Filter toEndpoint = NetworkFilters.tcp(cluster, cluster);
    switch (plan) {
      case TrafficPlan.Unsplit() ->
          addHeadless(
              port,
              endpoint,
              NetworkFilters.http(cluster, Routes.toOnlyEndpoint(cluster, cluster), List.of()),
              toEndpoint);
      case TrafficPlan.Shared(var shares) -> addHeadless(port, endpoint, splitHttp, splitTcp);
      case TrafficPlan.Nowhere(String reason) -> addHeadless(port, endpoint, splitHttp, splitTcp);
      case TrafficPlan.Conditional(var conditions, TrafficPlan matching) -> {
        resources.add(
            Resource.of(ResourceType.ROUTE, cluster, Routes.plannedForEndpoint(cluster, plan)));
        addHeadless(port, endpoint, NetworkFilters.http(cluster, cluster), toEndpoint);
      }
    }
  }

  private void addHeadless(ServicePort port, ResolvedEndpoint endpoint, Filter http, Filter tcp) {
    resources.add(
        OutboundListeners.of(endpoint.address(), endpoint.port(), port.protocol(), http, tcp));
  }
}
