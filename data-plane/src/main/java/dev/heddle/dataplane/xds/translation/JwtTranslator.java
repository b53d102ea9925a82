package dev.heddle.dataplane.xds.translation;

import dev.heddle.dataplane.config.JwtAuthentication;
import dev.heddle.dataplane.config.JwtAuthentication.ClaimHeader;
import dev.heddle.dataplane.config.JwtAuthentication.KeySource;
import dev.heddle.dataplane.config.JwtAuthentication.Location;
import dev.heddle.dataplane.config.JwtAuthentication.Requirement;
import dev.heddle.dataplane.config.JwtAuthentication.Rule;
import dev.heddle.dataplane.jwt.InvalidTokenException;
import dev.heddle.dataplane.jwt.JsonWebKeySet;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtProvider;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtRequirement;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.RemoteJwks;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.RequirementRule;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** envoy.extensions.filters.http.jwt_authn.v3. */
final class JwtTranslator {

  /** Envoy's. */
  private static final Duration DEFAULT_CACHE = Duration.ofMinutes(10);

  /** Envoy's. */
  private static final Duration DEFAULT_SKEW = Duration.ofSeconds(60);

  private final Map<String, JwtAuthentication.Provider> providers = new HashMap<>();
  private final Map<String, Requirement> named = new HashMap<>();

  private JwtTranslator() {}

  static JwtAuthentication authentication(
      io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication filter,
      FieldPath path) {
    return new JwtTranslator().translate(filter, path);
  }

  private JwtAuthentication translate(
      io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication filter,
      FieldPath path) {
    path.allowOnly(filter, Set.of("providers", "rules", "requirement_map"), Set.of("stat_prefix"));
    filter
        .getProvidersMap()
        .forEach((name, provider) ->
            providers.put(name, provider(name, provider, path.entry("providers", name))));
    filter
        .getRequirementMapMap()
        .forEach((name, requirement) ->
            named.put(name, requirement(requirement, false, path.entry("requirement_map", name))));
    List<Rule> rules = new ArrayList<>(filter.getRulesCount());
    for (int i = 0; i < filter.getRulesCount(); i++) {
      rules.add(rule(filter.getRules(i), path.element("rules", i)));
    }
    return new JwtAuthentication(List.copyOf(providers.values()), rules);
  }

  private Rule rule(RequirementRule rule, FieldPath path) {
    path.allowOnly(rule, Set.of("match", "requires", "requirement_name"));
    @Nullable Requirement requirement =
        switch (rule.getRequirementTypeCase()) {
          case REQUIRES -> requirement(rule.getRequires(), false, path.field("requires"));
          case REQUIREMENT_NAME ->
              known(named, rule.getRequirementName(), path.field("requirement_name"));
          case REQUIREMENTTYPE_NOT_SET -> null;
        };
    return new Rule(
        RequestMatchTranslator.match(rule.getMatch(), path.field("match")), requirement);
  }

  /**
   * A condition on tokens.
   *
   * @param alternative whether it stands beside others, any of which will do: only there it is
   *     clear whose tokens may be missing
   */
  private Requirement requirement(JwtRequirement requirement, boolean alternative, FieldPath path) {
    return switch (requirement.getRequiresTypeCase()) {
      case PROVIDER_NAME ->
          new Requirement.From(
              known(providers, requirement.getProviderName(), path.field("provider_name")));
      case PROVIDER_AND_AUDIENCES -> {
        FieldPath at = path.field("provider_and_audiences");
        var both = requirement.getProviderAndAudiences();
        yield new Requirement.From(
            withAudiences(
                known(providers, both.getProviderName(), at.field("provider_name")),
                List.copyOf(both.getAudiencesList())));
      }
      case REQUIRES_ANY ->
          new Requirement.Any(
              requirements(
                  requirement.getRequiresAny().getRequirementsList(),
                  true,
                  path.field("requires_any")));
      case REQUIRES_ALL ->
          new Requirement.All(
              requirements(
                  requirement.getRequiresAll().getRequirementsList(),
                  false,
                  path.field("requires_all")));
      case ALLOW_MISSING -> {
        if (!alternative) {
          throw path.invalid("allow_missing", "inside of requires_any, beside a provider");
        }
        yield new Requirement.AllowMissing();
      }
      case ALLOW_MISSING_OR_FAILED -> new Requirement.AllowMissingOrFailed();
      case REQUIRESTYPE_NOT_SET -> throw path.invalid("nothing", "a requirement");
    };
  }

  private List<Requirement> requirements(
      List<JwtRequirement> requirements, boolean alternatives, FieldPath path) {
    List<Requirement> translated = new ArrayList<>(requirements.size());
    for (int i = 0; i < requirements.size(); i++) {
      translated.add(
          requirement(requirements.get(i), alternatives, path.element("requirements", i)));
    }
    return translated;
  }

  private static <T> T known(Map<String, T> all, String name, FieldPath path) {
    T found = all.get(name);
    if (found == null) {
      throw path.invalid('"' + name + '"', "one of " + all.keySet().stream().sorted().toList());
    }
    return found;
  }

  private static JwtAuthentication.Provider withAudiences(
      JwtAuthentication.Provider provider, List<String> audiences) {
    return new JwtAuthentication.Provider(
        provider.name(),
        provider.issuer(),
        audiences,
        provider.keys(),
        provider.locations(),
        provider.forward(),
        provider.payloadHeader(),
        provider.padPayload(),
        provider.clockSkew(),
        provider.mustExpire(),
        provider.claimHeaders());
  }

  private static JwtAuthentication.Provider provider(
      String name, JwtProvider provider, FieldPath path) {
    path.allowOnly(
        provider,
        Set.of(
            "issuer",
            "audiences",
            "require_expiration",
            "remote_jwks",
            "local_jwks",
            "forward",
            "from_headers",
            "from_params",
            "forward_payload_header",
            "pad_forward_payload_header",
            "clock_skew_seconds",
            "claim_to_headers"),
        Set.of("jwt_cache_config"));
    return new JwtAuthentication.Provider(
        name,
        provider.getIssuer(),
        List.copyOf(provider.getAudiencesList()),
        switch (provider.getJwksSourceSpecifierCase()) {
          case LOCAL_JWKS -> inline(provider.getLocalJwks(), path.field("local_jwks"));
          case REMOTE_JWKS -> remote(provider.getRemoteJwks(), path.field("remote_jwks"));
          case JWKSSOURCESPECIFIER_NOT_SET ->
              throw path.invalid("no keys", "local_jwks or remote_jwks");
        },
        locations(provider, path),
        provider.getForward(),
        provider.getForwardPayloadHeader().isEmpty()
            ? ""
            : HeaderMutationTranslator.name(
                provider.getForwardPayloadHeader(), path.field("forward_payload_header")),
        provider.getPadForwardPayloadHeader(),
        provider.getClockSkewSeconds() == 0
            ? DEFAULT_SKEW
            : Duration.ofSeconds(Integer.toUnsignedLong(provider.getClockSkewSeconds())),
        provider.getRequireExpiration(),
        claims(provider, path));
  }

  private static List<Location> locations(JwtProvider provider, FieldPath path) {
    List<Location> locations = new ArrayList<>();
    for (int i = 0; i < provider.getFromHeadersCount(); i++) {
      var header = provider.getFromHeaders(i);
      FieldPath at = path.element("from_headers", i);
      locations.add(
          new Location.Header(
              HeaderMutationTranslator.name(header.getName(), at.field("name")),
              header.getValuePrefix()));
    }
    for (String parameter : provider.getFromParamsList()) {
      locations.add(new Location.QueryParameter(parameter));
    }
    // Envoy's: where the provider names none.
    return locations.isEmpty()
        ? List.of(
            new Location.Header("authorization", "Bearer "),
            new Location.QueryParameter("access_token"))
        : locations;
  }

  private static List<ClaimHeader> claims(JwtProvider provider, FieldPath path) {
    List<ClaimHeader> claims = new ArrayList<>(provider.getClaimToHeadersCount());
    for (int i = 0; i < provider.getClaimToHeadersCount(); i++) {
      var claim = provider.getClaimToHeaders(i);
      FieldPath at = path.element("claim_to_headers", i);
      if (claim.getClaimName().isEmpty()) {
        throw at.field("claim_name").invalid("\"\"", "a claim");
      }
      claims.add(
          new ClaimHeader(
              HeaderMutationTranslator.name(claim.getHeaderName(), at.field("header_name")),
              List.of(claim.getClaimName().split("\\.", -1))));
    }
    return claims;
  }

  private static KeySource inline(DataSource source, FieldPath path) {
    path.allowOnly(source, Set.of("inline_string", "inline_bytes"));
    String json =
        source.hasInlineBytes() ? source.getInlineBytes().toStringUtf8() : source.getInlineString();
    try {
      JsonWebKeySet.parse(json.getBytes(StandardCharsets.UTF_8));
    } catch (InvalidTokenException e) {
      throw path.field("inline_string").invalid(String.valueOf(e.getMessage()), "a key set");
    }
    return new KeySource.Inline(json);
  }

  private static KeySource remote(RemoteJwks remote, FieldPath path) {
    path.allowOnly(remote, Set.of("http_uri", "cache_duration"));
    HttpTarget where = HttpTarget.of(remote.getHttpUri(), path.field("http_uri"));
    return new KeySource.Remote(
        where.cluster(),
        where.scheme(),
        where.authority(),
        where.path(),
        where.timeout(),
        remote.hasCacheDuration()
            ? Values.duration(remote.getCacheDuration(), path.field("cache_duration"))
            : DEFAULT_CACHE);
  }
}
