package dev.heddle.dataplane.admin;

import com.google.re2j.Pattern;
import dev.heddle.dataplane.config.AccessPolicy;
import dev.heddle.dataplane.config.AccessRules;
import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.config.DownstreamTls;
import dev.heddle.dataplane.config.Endpoint;
import dev.heddle.dataplane.config.EndpointAssignment;
import dev.heddle.dataplane.config.FilterChain;
import dev.heddle.dataplane.config.FilterChainMatch;
import dev.heddle.dataplane.config.HttpFilter;
import dev.heddle.dataplane.config.JwtAuthentication;
import dev.heddle.dataplane.config.Listener;
import dev.heddle.dataplane.config.ProxyConfiguration;
import dev.heddle.dataplane.config.RouteConfiguration;
import dev.heddle.dataplane.config.RouteConfiguration.HeaderMatch;
import dev.heddle.dataplane.config.RouteConfiguration.PathMatch;
import dev.heddle.dataplane.config.RouteConfiguration.Route;
import dev.heddle.dataplane.config.RouteConfiguration.RouteAction;
import dev.heddle.dataplane.config.RouteConfiguration.RouteMatch;
import dev.heddle.dataplane.config.RouteConfiguration.ValueMatch;
import dev.heddle.dataplane.config.RouteConfiguration.VirtualHost;
import dev.heddle.dataplane.config.TerminalFilter.HttpConnectionManager;
import dev.heddle.dataplane.config.TerminalFilter.RouteSource;
import dev.heddle.dataplane.config.TerminalFilter.TcpProxy;
import dev.heddle.dataplane.config.TlsCertificate;
import dev.heddle.dataplane.config.UpstreamTls;
import dev.heddle.dataplane.config.WeightedCluster;
import dev.heddle.dataplane.json.JsonWriter;
import dev.heddle.dataplane.xds.ControlPlaneStatus;
import dev.heddle.dataplane.xds.ControlPlaneStatus.TypeStatus;
import dev.heddle.dataplane.xds.ResourceType;
import dev.heddle.meshapi.identity.WorkloadCertificate;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The live configuration as JSON for people. Holds no key and no certificate's bytes. */
final class ConfigurationPage {

  private final JsonWriter json;

  private ConfigurationPage(JsonWriter json) {
    this.json = json;
  }

  static String render(
      String build,
      @Nullable WorkloadCertificate certificate,
      @Nullable ControlPlaneStatus controlPlane,
      ProxyConfiguration configuration) {
    StringBuilder text = new StringBuilder(4096);
    new ConfigurationPage(JsonWriter.indented(text))
        .write(build, certificate, controlPlane, configuration);
    return text.append('\n').toString();
  }

  private void write(
      String build,
      @Nullable WorkloadCertificate certificate,
      @Nullable ControlPlaneStatus controlPlane,
      ProxyConfiguration configuration) {
    json.beginObject().field("build", build).field("version", configuration.version());
    if (certificate != null) {
      json.name("certificate").beginObject();
      json.field("id", certificate.id().toString())
          .field("not_before", certificate.notBefore().toString())
          .field("not_after", certificate.notAfter().toString())
          .field("trust_anchors", certificate.trustAnchors().size());
      json.endObject();
    }
    if (controlPlane != null) {
      controlPlane(controlPlane);
    }
    json.name("listeners").beginObject();
    new TreeMap<>(configuration.listeners()).forEach(this::listener);
    json.endObject().name("routes").beginObject();
    new TreeMap<>(configuration.routes())
        .forEach((name, routes) -> {
          json.name(name);
          routes(routes);
        });
    json.endObject().name("clusters").beginObject();
    for (Map.Entry<String, Cluster> entry : new TreeMap<>(configuration.clusters()).entrySet()) {
      cluster(entry.getValue(), configuration.endpoints(entry.getKey()));
    }
    json.endObject().endObject();
  }

  private void controlPlane(ControlPlaneStatus status) {
    json.name("control_plane").beginObject();
    json.field("connection", lower(status.connection())).field("since", status.since().toString());
    Instant lastResponse = status.lastResponse();
    if (lastResponse != null) {
      json.field("last_response", lastResponse.toString());
    }
    if (status.lastFailure() != null) {
      json.field("last_failure", status.lastFailure());
    }
    if (!status.overdue().isEmpty()) {
      json.name("overdue").beginObject();
      new TreeMap<>(status.overdue()).forEach(json::field);
      json.endObject();
    }
    for (ResourceType type : ResourceType.values()) {
      TypeStatus state = status.types().get(type);
      if (state != null) {
        json.name(type.label()).beginObject();
        json.field("subscribed", state.subscribed()).field("present", state.present());
        if (!state.rejected().isEmpty()) {
          json.name("rejected").beginObject();
          new TreeMap<>(state.rejected()).forEach(json::field);
          json.endObject();
        }
        json.endObject();
      }
    }
    json.endObject();
  }

  private void listener(String name, Listener listener) {
    json.name(name).beginObject();
    json.field("address", text(listener.address()))
        .field("direction", lower(listener.direction()))
        .field("binds", listener.bindToPort());
    if (listener.useOriginalDestination()) {
      json.field("uses_original_destination", true);
    }
    if (listener.detectHttp() || listener.detectTls()) {
      json.name("detects").beginArray();
      if (listener.detectTls()) {
        json.value("tls");
      }
      if (listener.detectHttp()) {
        json.value("http");
      }
      json.endArray();
    }
    json.name("filter_chains").beginArray();
    for (FilterChain chain : listener.filterChains()) {
      chain(chain, false);
    }
    if (listener.defaultFilterChain() != null) {
      chain(listener.defaultFilterChain(), true);
    }
    json.endArray().endObject();
  }

  private void chain(FilterChain chain, boolean isDefault) {
    json.beginObject().field("name", chain.name());
    if (isDefault) {
      json.field("default", true);
    }
    match(chain.match());
    DownstreamTls tls = chain.tls();
    if (tls != null) {
      json.name("tls").beginObject();
      json.field("certificate", certificate(tls.certificate()))
          .field(
              "client_certificate", tls.requireClientCertificate() ? "required" : "not required");
      strings("application_protocols", tls.applicationProtocols());
      json.endObject();
    }
    if (!chain.access().isEmpty()) {
      json.name("access").beginArray();
      chain.access().forEach(new AccessRulesPage(json)::write);
      json.endArray();
    }
    switch (chain.terminalFilter()) {
      case HttpConnectionManager http -> {
        json.name("http").beginObject();
        json.field("codec", lower(http.codec()));
        filters(http.filters());
        if (http.tracing() != null) {
          json.field("traces_to", http.tracing().collector().cluster());
        }
        json.name("routes");
        switch (http.routes()) {
          case RouteSource.Named named -> json.value(named.name());
          case RouteSource.Inline inline -> routes(inline.routes());
        }
        json.endObject();
      }
      case TcpProxy tcp -> {
        json.name("tcp").beginObject();
        weights(tcp.clusters());
        json.endObject();
      }
    }
    json.endObject();
  }

  private void filters(List<HttpFilter.Named> filters) {
    for (HttpFilter.Named named : filters) {
      switch (named.filter()) {
        case HttpFilter.Access access -> policy("access", access.policy());
        case AccessRules rules -> {
          json.name(named.name());
          new AccessRulesPage(json).write(rules);
        }
        case HttpFilter.Disabled _ -> json.field(named.name(), "disabled");
        case HttpFilter.Fault fault -> json.field(named.name(), fault.toString());
        case HttpFilter.LocalRateLimit limit -> json.field(named.name(), limit.toString());
        case JwtAuthentication tokens -> json.field(named.name(), tokens.toString());
      }
    }
  }

  private void match(FilterChainMatch match) {
    if (match.equals(FilterChainMatch.ANY)) {
      return;
    }
    json.name("match").beginObject();
    if (match.destinationPort() != 0) {
      json.field("destination_port", match.destinationPort());
    }
    strings("server_names", match.serverNames());
    if (match.transportProtocol() != null) {
      json.field("transport_protocol", match.transportProtocol());
    }
    strings("application_protocols", new TreeSet<>(match.applicationProtocols()));
    json.endObject();
  }

  private void policy(String name, AccessPolicy policy) {
    json.name(name).beginArray();
    for (AccessPolicy.Rule rule : policy.rules()) {
      json.beginObject().field("allow", rule.name());
      strings("principals", rule.principals());
      if (!rule.destinationPorts().isEmpty()) {
        json.name("destination_ports").beginArray();
        rule.destinationPorts().forEach(json::value);
        json.endArray();
      }
      if (rule.request() != null) {
        json.name("request");
        requestMatch(rule.request());
      }
      json.endObject();
    }
    json.endArray();
  }

  private void routes(RouteConfiguration routes) {
    json.beginArray();
    for (VirtualHost host : routes.virtualHosts()) {
      json.beginObject();
      strings("domains", host.domains());
      json.name("routes").beginArray();
      for (Route route : host.routes()) {
        route(route);
      }
      json.endArray().endObject();
    }
    json.endArray();
  }

  private void route(Route route) {
    json.beginObject();
    if (!route.name().isEmpty()) {
      json.field("name", route.name());
    }
    json.name("match");
    requestMatch(route.match());
    switch (route.action()) {
      case RouteAction.Forward forward -> {
        weights(forward.clusters());
        json.field("timeout", forward.timeout().isZero() ? "none" : forward.timeout().toString())
            .field("retries", forward.retries().retries());
        if (forward.retries().retries() > 0) {
          json.field("retry_back_off", forward.retries().backOff().toString())
              .field("longest_retry_back_off", forward.retries().longestBackOff().toString());
          strings(
              "retry_on",
              forward.retries().on().conditions().stream().map(Object::toString).sorted().toList());
        }
        if (!forward.retries().tryTimeout().isZero()) {
          json.field("per_try_timeout", forward.retries().tryTimeout().toString());
        }
        if (forward.rewrite() != null) {
          json.field("rewrite", forward.rewrite().toString());
        }
        strings(
            "mirrors",
            forward.mirrors().stream()
                .map(mirror ->
                    mirror.cluster()
                        + " "
                        + mirror.share().numerator()
                        + "/"
                        + mirror.share().denominator())
                .toList());
      }
      case RouteAction.DirectResponse response ->
          json.field("status", response.status()).field("body", response.body());
      case RouteAction.Redirect redirect -> json.field("redirect", redirect.toString());
    }
    json.endObject();
  }

  private void requestMatch(RouteMatch match) {
    json.beginObject();
    switch (match.path()) {
      case PathMatch.Prefix prefix -> json.field("path_prefix", prefix.prefix());
      case PathMatch.SeparatedPrefix prefix -> json.field("path_separated_prefix", prefix.prefix());
      case PathMatch.Exact exact -> json.field("path", exact.path());
      case PathMatch.Regex regex -> json.field("path_regex", regex.pattern().pattern());
    }
    if (!match.headers().isEmpty()) {
      json.name("headers").beginArray();
      for (HeaderMatch header : match.headers()) {
        json.value((header.invert() ? "not " : "") + header.name() + " " + text(header.value()));
      }
      json.endArray();
    }
    strings(
        "query",
        match.query().stream()
            .map(query -> (query.invert() ? "not " : "") + query.name() + " " + text(query.value()))
            .toList());
    if (match.grpc()) {
      json.field("grpc", true);
    }
    json.endObject();
  }

  static String text(ValueMatch value) {
    return switch (value) {
      case ValueMatch.Present _ -> "is present";
      case ValueMatch.Exact exact -> "= " + exact.value();
      case ValueMatch.Prefix prefix -> "begins with " + prefix.value();
      case ValueMatch.Suffix suffix -> "ends with " + suffix.value();
      case ValueMatch.Contains contains -> "contains " + contains.value();
      case ValueMatch.Range range -> "from " + range.start() + " to below " + range.end();
      case ValueMatch.Regex(Pattern pattern) -> "matches " + pattern.pattern();
    };
  }

  private void weights(List<WeightedCluster> clusters) {
    json.name("clusters").beginObject();
    for (WeightedCluster cluster : clusters) {
      json.field(cluster.cluster(), cluster.weight());
    }
    json.endObject();
  }

  private void cluster(Cluster cluster, EndpointAssignment assignment) {
    json.name(cluster.name()).beginObject();
    json.field("discovery", lower(cluster.discovery()))
        .field("load_balancing", lower(cluster.loadBalancing()))
        .field("protocol", lower(cluster.protocol()))
        .field("connect_timeout", cluster.connectTimeout().toString());
    Cluster.Destination destination = cluster.destination();
    if (destination != null) {
      json.field(
          "service",
          destination.service() + "." + destination.namespace() + ":" + destination.port());
    }
    upstreamTls("tls", cluster.defaultTls());
    json.name("endpoints").beginArray();
    for (Endpoint endpoint : assignment.endpoints()) {
      endpoint(cluster, endpoint);
    }
    json.endArray().endObject();
  }

  private void endpoint(Cluster cluster, Endpoint endpoint) {
    json.beginObject();
    json.field("address", text(endpoint.address())).field("health", lower(endpoint.health()));
    if (endpoint.weight() != 1) {
      json.field("weight", endpoint.weight());
    }
    if (endpoint.workload() != null) {
      json.field("workload", endpoint.workload().name() + "." + endpoint.workload().namespace());
    }
    if (!endpoint.locality().equals(Endpoint.Locality.UNKNOWN)) {
      json.field("locality", endpoint.locality().region() + "/" + endpoint.locality().zone());
    }
    for (Cluster.TransportSocket socket : cluster.transportSockets()) {
      if (endpoint.transportSocketMatch().entrySet().containsAll(socket.match().entrySet())) {
        upstreamTls("tls", socket.tls());
        break;
      }
    }
    json.endObject();
  }

  private void upstreamTls(String name, @Nullable UpstreamTls tls) {
    if (tls == null) {
      return;
    }
    json.name(name).beginObject();
    json.field("certificate", certificate(tls.certificate()));
    if (!tls.serverName().isEmpty()) {
      json.field("server_name", tls.serverName());
    }
    strings("identities", tls.subjectAlternativeNames());
    strings("application_protocols", tls.applicationProtocols());
    json.endObject();
  }

  private static String certificate(TlsCertificate certificate) {
    return switch (certificate) {
      case TlsCertificate.Workload _ -> "workload";
      case TlsCertificate.Static _ -> "static";
    };
  }

  private void strings(String name, Collection<String> values) {
    if (!values.isEmpty()) {
      json.name(name).beginArray();
      values.forEach(json::value);
      json.endArray();
    }
  }

  private static String text(InetSocketAddress address) {
    return address.getHostString() + ":" + address.getPort();
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
