package dev.heddle.dataplane.xds.translation;

import dev.heddle.dataplane.config.HeaderTemplate;
import dev.heddle.dataplane.config.Share;
import dev.heddle.dataplane.config.Tracing;
import dev.heddle.dataplane.config.Tracing.Collector;
import dev.heddle.dataplane.config.Tracing.Sampling;
import io.envoyproxy.envoy.config.core.v3.GrpcService;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HttpService;
import io.envoyproxy.envoy.config.route.v3.Decorator;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.trace.v3.OpenTelemetryConfig;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.type.tracing.v3.CustomTag;
import io.envoyproxy.envoy.type.v3.Percent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The tracing of an HTTP connection manager and of routes, with OpenTelemetry as the provider. */
final class TracingTranslator {

  /** Envoy's. */
  private static final int DEFAULT_PATH_LENGTH = 256;

  /** Of an OTLP exporter that is told nothing (OpenTelemetry Protocol Exporter). */
  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);

  private static final int MILLION = 1_000_000;

  private TracingTranslator() {}

  static Tracing tracing(HttpConnectionManager.Tracing tracing, FieldPath path) {
    path.allowOnly(
        tracing,
        Set.of(
            "client_sampling",
            "random_sampling",
            "overall_sampling",
            "max_path_tag_length",
            "custom_tags",
            "provider",
            "spawn_upstream_span"));
    FieldPath provider = path.field("provider");
    if (!tracing.hasProvider()) {
      throw provider.invalid("not set", "OpenTelemetryConfig");
    }
    provider.allowOnly(tracing.getProvider(), Set.of("name", "typed_config"));
    FieldPath at = provider.field("typed_config");
    OpenTelemetryConfig config =
        at.unpack(
            tracing.getProvider().getTypedConfig(),
            OpenTelemetryConfig.class,
            OpenTelemetryConfig.getDefaultInstance());
    at.allowOnly(config, Set.of("grpc_service", "http_service", "service_name"));
    if (config.hasGrpcService() == config.hasHttpService()) {
      throw at.invalid(
          config.hasGrpcService() ? "both services" : "no service",
          "either grpc_service or http_service");
    }
    return new Tracing(
        config.hasGrpcService()
            ? grpc(config.getGrpcService(), at.field("grpc_service"))
            : http(config.getHttpService(), at.field("http_service")),
        config.getServiceName(),
        new Sampling(
            percent(
                tracing.hasClientSampling(),
                tracing.getClientSampling(),
                path.field("client_sampling")),
            percent(
                tracing.hasRandomSampling(),
                tracing.getRandomSampling(),
                path.field("random_sampling")),
            percent(
                tracing.hasOverallSampling(),
                tracing.getOverallSampling(),
                path.field("overall_sampling"))),
        tags(tracing.getCustomTagsList(), path),
        tracing.hasMaxPathTagLength()
            ? Values.atLeastOne(
                tracing.getMaxPathTagLength(), path.field("max_path_tag_length").field("value"))
            : DEFAULT_PATH_LENGTH,
        tracing.getSpawnUpstreamSpan().getValue());
  }

  static Tracing.ForRoute forRoute(Route route, FieldPath path) {
    if (!route.hasTracing() && !route.hasDecorator()) {
      return Tracing.ForRoute.NOTHING;
    }
    FieldPath at = path.field("tracing");
    var tracing = route.getTracing();
    at.allowOnly(
        tracing, Set.of("client_sampling", "random_sampling", "overall_sampling", "custom_tags"));
    Decorator decorator = route.getDecorator();
    FieldPath decoration = path.field("decorator");
    decoration.allowOnly(decorator, Set.of("operation", "propagate"));
    if (route.hasDecorator() && decorator.getOperation().isEmpty()) {
      throw decoration.field("operation").invalid("\"\"", "the operation's name");
    }
    HeaderTemplate operation =
        HeaderTemplateParser.parse(
            decorator.getOperation().replace("%", "%%"), decoration.field("operation"));
    return new Tracing.ForRoute(
        route.hasTracing()
            ? new Sampling(
                tracing.hasClientSampling()
                    ? Values.share(tracing.getClientSampling(), at.field("client_sampling"))
                    : Share.ALL,
                tracing.hasRandomSampling()
                    ? Values.share(tracing.getRandomSampling(), at.field("random_sampling"))
                    : Share.ALL,
                tracing.hasOverallSampling()
                    ? Values.share(tracing.getOverallSampling(), at.field("overall_sampling"))
                    : Share.ALL)
            : null,
        tags(tracing.getCustomTagsList(), at),
        literal(operation),
        !decorator.hasPropagate() || decorator.getPropagate().getValue());
  }

  private static Share percent(boolean present, Percent percent, FieldPath path) {
    if (!present) {
      return Share.ALL;
    }
    double value = percent.getValue();
    if (!(value >= 0 && value <= 100)) {
      throw path.field("value").invalid(value, "0 to 100");
    }
    return new Share((int) Math.round(value * MILLION / 100), MILLION);
  }

  private static List<Tracing.Tag> tags(List<CustomTag> tags, FieldPath path) {
    List<Tracing.Tag> translated = new ArrayList<>(tags.size());
    for (int i = 0; i < tags.size(); i++) {
      CustomTag tag = tags.get(i);
      FieldPath at = path.element("custom_tags", i);
      at.allowOnly(tag, Set.of("tag", "literal", "environment", "request_header"));
      if (tag.getTag().isEmpty()) {
        throw at.field("tag").invalid("\"\"", "the attribute's name");
      }
      translated.add(
          switch (tag.getTypeCase()) {
            case LITERAL -> {
              if (tag.getLiteral().getValue().isEmpty()) {
                throw at.field("literal").field("value").invalid("\"\"", "a value");
              }
              yield new Tracing.Tag.Literal(tag.getTag(), tag.getLiteral().getValue());
            }
            case REQUEST_HEADER ->
                new Tracing.Tag.RequestHeader(
                    tag.getTag(),
                    HeaderMutationTranslator.name(
                        tag.getRequestHeader().getName(), at.field("request_header").field("name")),
                    tag.getRequestHeader().getDefaultValue());
            case ENVIRONMENT ->
                new Tracing.Tag.Literal(
                    tag.getTag(), environment(tag.getEnvironment(), at.field("environment")));
            case METADATA, TYPE_NOT_SET ->
                throw at.invalid(tag.getTypeCase(), "literal, environment or request_header");
          });
    }
    return translated;
  }

  /** As it is now; empty for no attribute. */
  private static String environment(CustomTag.Environment variable, FieldPath path) {
    path.allowOnly(variable, Set.of("name", "default_value"));
    if (variable.getName().isEmpty()) {
      throw path.field("name").invalid("\"\"", "a variable's name");
    }
    String value = System.getenv(variable.getName());
    return value == null ? variable.getDefaultValue() : value;
  }

  private static Collector grpc(GrpcService service, FieldPath path) {
    path.allowOnly(service, Set.of("envoy_grpc", "timeout", "initial_metadata"));
    FieldPath at = path.field("envoy_grpc");
    at.allowOnly(service.getEnvoyGrpc(), Set.of("cluster_name", "authority"));
    if (service.getEnvoyGrpc().getClusterName().isEmpty()) {
      throw at.field("cluster_name").invalid("\"\"", "a cluster's name");
    }
    List<Tracing.Header> headers = new ArrayList<>(service.getInitialMetadataCount());
    for (int i = 0; i < service.getInitialMetadataCount(); i++) {
      headers.add(header(service.getInitialMetadata(i), path.element("initial_metadata", i)));
    }
    return new Collector.Grpc(
        service.getEnvoyGrpc().getClusterName(),
        service.getEnvoyGrpc().getAuthority(),
        headers,
        service.hasTimeout()
            ? HttpTarget.timeout(service.getTimeout(), path.field("timeout"))
            : DEFAULT_TIMEOUT);
  }

  private static Collector http(HttpService service, FieldPath path) {
    path.allowOnly(service, Set.of("http_uri", "request_headers_to_add"));
    HttpTarget target = HttpTarget.of(service.getHttpUri(), path.field("http_uri"));
    List<Tracing.Header> headers = new ArrayList<>(service.getRequestHeadersToAddCount());
    for (int i = 0; i < service.getRequestHeadersToAddCount(); i++) {
      FieldPath at = path.element("request_headers_to_add", i);
      at.allowOnly(service.getRequestHeadersToAdd(i), Set.of("header"));
      headers.add(header(service.getRequestHeadersToAdd(i).getHeader(), at.field("header")));
    }
    return new Collector.Http(
        target.cluster(),
        target.scheme(),
        target.authority(),
        target.path(),
        headers,
        target.timeout());
  }

  private static Tracing.Header header(HeaderValue header, FieldPath path) {
    path.allowOnly(header, Set.of("key", "value"));
    FieldPath at = path.field("value");
    HeaderTemplate value = HeaderTemplateParser.parse(header.getValue(), at);
    if (!(value.parts().getFirst() instanceof HeaderTemplate.Part.Literal)
        || value.parts().size() > 1) {
      throw at.invalid('"' + header.getValue() + '"', "a value that is always the same");
    }
    return new Tracing.Header(
        HeaderMutationTranslator.name(header.getKey(), path.field("key")), literal(value));
  }

  private static String literal(HeaderTemplate template) {
    return template.parts().getFirst() instanceof HeaderTemplate.Part.Literal only
        ? only.text()
        : "";
  }
}
