package dev.heddle.dataplane.config;

import dev.heddle.dataplane.config.RouteConfiguration.RouteMatch;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who must show which token (envoy.extensions.filters.http.jwt_authn.v3).
 *
 * @param providers all of them
 * @param rules the first that matches a request decides; none matches: nothing is asked
 */
public record JwtAuthentication(List<Provider> providers, List<Rule> rules) implements HttpFilter {
  public JwtAuthentication {
    providers = List.copyOf(providers);
    rules = List.copyOf(rules);
  }

  /**
   * What requests need.
   *
   * @param requirement null for nothing
   */
  public record Rule(RouteMatch match, @Nullable Requirement requirement) {}

  /** A condition on tokens. */
  public sealed interface Requirement {
    /** A valid token of the provider. */
    record From(Provider provider) implements Requirement {}

    record Any(List<Requirement> of) implements Requirement {
      public Any {
        of = List.copyOf(of);
      }
    }

    record All(List<Requirement> of) implements Requirement {
      public All {
        of = List.copyOf(of);
      }
    }

    /** No token, or valid ones. */
    record AllowMissing() implements Requirement {}

    /** Anything. */
    record AllowMissingOrFailed() implements Requirement {}
  }

  /**
   * Who issues tokens.
   *
   * @param issuer empty for any
   * @param audiences any of which the token must name; empty for any
   * @param locations where tokens are looked for; never empty
   * @param forward whether the token is left in the request
   * @param payloadHeader that gets the token's payload; empty for none
   * @param padPayload whether the payload is padded as base64 is
   * @param clockSkew by which clocks may differ
   * @param mustExpire whether a token without an end is refused
   */
  public record Provider(
      String name,
      String issuer,
      List<String> audiences,
      KeySource keys,
      List<Location> locations,
      boolean forward,
      String payloadHeader,
      boolean padPayload,
      Duration clockSkew,
      boolean mustExpire,
      List<ClaimHeader> claimHeaders) {
    public Provider {
      audiences = List.copyOf(audiences);
      locations = List.copyOf(locations);
      claimHeaders = List.copyOf(claimHeaders);
    }
  }

  /** Where the keys are. */
  public sealed interface KeySource {
    /** A JSON Web Key Set, well-formed. */
    record Inline(String json) implements KeySource {}

    /**
     * Fetched when it is first needed, and again when it is old.
     *
     * @param cluster whose endpoints are asked
     * @param timeout of one fetch; requests wait no longer
     * @param cacheDuration how long a set is used
     */
    record Remote(
        String cluster,
        String scheme,
        String authority,
        String path,
        Duration timeout,
        Duration cacheDuration)
        implements KeySource {}
  }

  /** Where a token may be. */
  public sealed interface Location {
    /**
     * Behind a prefix in a header.
     *
     * @param name lower case
     */
    record Header(String name, String prefix) implements Location {}

    record QueryParameter(String name) implements Location {}
  }

  /**
   * A header that tells a claim of a valid token, and that nobody else can set.
   *
   * @param header lower case
   * @param claim names of members, the outer one first
   */
  public record ClaimHeader(String header, List<String> claim) {
    public ClaimHeader {
      claim = List.copyOf(claim);
    }
  }
}
