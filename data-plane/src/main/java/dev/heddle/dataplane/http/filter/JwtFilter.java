package dev.heddle.dataplane.http.filter;

import dev.heddle.dataplane.config.HeaderMutation;
import dev.heddle.dataplane.config.HeaderTemplate;
import dev.heddle.dataplane.config.JwtAuthentication;
import dev.heddle.dataplane.config.JwtAuthentication.ClaimHeader;
import dev.heddle.dataplane.config.JwtAuthentication.KeySource;
import dev.heddle.dataplane.config.JwtAuthentication.Location;
import dev.heddle.dataplane.config.JwtAuthentication.Requirement;
import dev.heddle.dataplane.http.message.Characters;
import dev.heddle.dataplane.http.message.RequestHead;
import dev.heddle.dataplane.http.route.RequestFields;
import dev.heddle.dataplane.http.route.RequestMatcher;
import dev.heddle.dataplane.jwt.InvalidTokenException;
import dev.heddle.dataplane.jwt.JsonWebKeySet;
import dev.heddle.dataplane.jwt.JsonWebToken;
import dev.heddle.dataplane.telemetry.ResponseFlag;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Asks requests for tokens. One per event loop, made when the first request needs it. */
final class JwtFilter {
  private static final int MAX_INLINE_SETS = 256;
  private static final int UNAUTHENTICATED = 16;
  private static final int PERMISSION_DENIED = 7;

  private final RemoteKeySets remote;
  private final Clock clock;
  private final Map<KeySource.Inline, JsonWebKeySet> inline = new HashMap<>();

  /** What came of a requirement. */
  private sealed interface Result {
    /** Holds. */
    record Met(List<Accepted> tokens) implements Result {}

    /** No token where one is needed. */
    record Missing() implements Result {}

    record Refused(int status, String reason) implements Result {}

    /** Keys must come first. */
    record Unknown(KeyFetch fetch) implements Result {}
  }

  private record Accepted(JwtAuthentication.Provider provider, JsonWebToken token, Location from) {}

  private record Found(String text, Location from) {}

  JwtFilter(RemoteKeySets remote, Clock clock) {
    this.remote = remote;
    this.clock = clock;
  }

  /** Decides, and tells the endpoint in headers what the tokens say. */
  Verdict ask(JwtAuthentication authentication, RequestHead request) {
    removeOwnHeaders(authentication, request.headers());
    Requirement requirement = requirement(authentication, request);
    if (requirement == null) {
      return Verdict.Pass.PASS;
    }
    return switch (check(requirement, request)) {
      case Result.Met met -> {
        String path = request.path();
        for (Accepted accepted : met.tokens()) {
          tell(accepted, request.headers());
          path = withoutToken(accepted, path);
        }
        yield path.equals(request.path())
            ? Verdict.Pass.PASS
            : new Verdict.Amend(request.withTarget(request.authority(), path));
      }
      case Result.Missing _ -> refusal(401, "Jwt is missing", true, request);
      case Result.Refused refused -> refusal(refused.status(), refused.reason(), false, request);
      case Result.Unknown unknown -> new Verdict.Await(unknown.fetch());
    };
  }

  private static Verdict refusal(int status, String reason, boolean missing, RequestHead request) {
    String resource =
        request.scheme()
            + "://"
            + request.authority()
            + request.path().substring(0, request.pathLength()).replace("\"", "%22");
    String challenge =
        "Bearer realm=\"" + resource + (missing ? "\"" : "\", error=\"invalid_token\"");
    return new Verdict.Answer(
        status,
        status == 401 ? UNAUTHENTICATED : PERMISSION_DENIED,
        ResponseFlag.UNAUTHORIZED,
        reason,
        List.of(
            new HeaderMutation.Set(
                "www-authenticate",
                new HeaderTemplate(List.of(new HeaderTemplate.Part.Literal(challenge))),
                HeaderMutation.When.OVERWRITE,
                false)));
  }

  private static @Nullable Requirement requirement(
      JwtAuthentication authentication, RequestHead request) {
    for (JwtAuthentication.Rule rule : authentication.rules()) {
      if (RequestMatcher.matches(rule.match(), request)) {
        return rule.requirement();
      }
    }
    return null;
  }

  private Result check(Requirement requirement, RequestHead request) {
    return switch (requirement) {
      case Requirement.From from -> check(from.provider(), request);
      case Requirement.AllowMissing _ -> new Result.Met(List.of());
      case Requirement.AllowMissingOrFailed _ -> new Result.Met(List.of());
      case Requirement.All all -> all(all.of(), request);
      case Requirement.Any any -> any(any.of(), request);
    };
  }

  private Result all(List<Requirement> requirements, RequestHead request) {
    List<Accepted> tokens = new ArrayList<>();
    for (Requirement requirement : requirements) {
      Result result = check(requirement, request);
      if (!(result instanceof Result.Met met)) {
        return result;
      }
      tokens.addAll(met.tokens());
    }
    return new Result.Met(tokens);
  }

  /** With {@code AllowMissing} among them, a token that is shown must still be a valid one. */
  private Result any(List<Requirement> requirements, RequestHead request) {
    boolean mayBeMissing = false;
    boolean mayFail = false;
    Result last = new Result.Missing();
    for (Requirement requirement : requirements) {
      switch (requirement) {
        case Requirement.AllowMissing _ -> mayBeMissing = true;
        case Requirement.AllowMissingOrFailed _ -> mayFail = true;
        case Requirement.From _, Requirement.Any _, Requirement.All _ -> {
          Result result = check(requirement, request);
          if (result instanceof Result.Met || result instanceof Result.Unknown) {
            return result;
          }
          if (!(result instanceof Result.Missing)) {
            last = result;
          }
        }
      }
    }
    return mayFail || (mayBeMissing && last instanceof Result.Missing)
        ? new Result.Met(List.of())
        : last;
  }

  private Result check(JwtAuthentication.Provider provider, RequestHead request) {
    List<Found> found = find(provider, request);
    if (found.isEmpty()) {
      return new Result.Missing();
    }
    List<Accepted> accepted = new ArrayList<>(found.size());
    for (Found candidate : found) {
      try {
        JsonWebToken token = JsonWebToken.parse(candidate.text());
        if (!provider.issuer().isEmpty() && !provider.issuer().equals(token.issuer())) {
          return new Result.Refused(401, "Jwt issuer is not configured");
        }
        token.checkTime(
            clock.instant().getEpochSecond(),
            provider.clockSkew().toSeconds(),
            provider.mustExpire());
        if (!token.isFor(provider.audiences())) {
          return new Result.Refused(403, "Audiences in Jwt are not allowed");
        }
        switch (keys(provider.keys())) {
          case RemoteKeySets.State.Fetching fetching -> {
            return new Result.Unknown(fetching.fetch());
          }
          case RemoteKeySets.State.Failed failed -> {
            return new Result.Refused(401, "Jwks remote fetch is failed: " + failed.reason());
          }
          case RemoteKeySets.State.Ready ready -> {
            if (!token.signedBy(ready.keys())) {
              return new Result.Refused(401, "Jwt verification fails");
            }
          }
        }
        accepted.add(new Accepted(provider, token, candidate.from()));
      } catch (InvalidTokenException e) {
        return new Result.Refused(401, String.valueOf(e.getMessage()));
      }
    }
    return new Result.Met(accepted);
  }

  private RemoteKeySets.State keys(KeySource source) throws InvalidTokenException {
    return switch (source) {
      case KeySource.Remote where -> remote.keys(where);
      case KeySource.Inline text -> {
        JsonWebKeySet set = inline.get(text);
        if (set == null) {
          set = JsonWebKeySet.parse(text.json().getBytes(StandardCharsets.UTF_8));
          if (inline.size() >= MAX_INLINE_SETS) {
            inline.clear();
          }
          inline.put(text, set);
        }
        yield new RemoteKeySets.State.Ready(set);
      }
    };
  }

  private static List<Found> find(JwtAuthentication.Provider provider, RequestHead request) {
    List<Found> found = new ArrayList<>(1);
    for (Location location : provider.locations()) {
      switch (location) {
        case Location.Header header -> {
          for (String value : request.headers().getAll(header.name())) {
            if (value.startsWith(header.prefix())) {
              found.add(new Found(value.substring(header.prefix().length()).strip(), location));
            }
          }
        }
        case Location.QueryParameter parameter -> {
          String value = RequestFields.queryParameter(parameter.name(), request);
          if (value != null) {
            found.add(new Found(value, location));
          }
        }
      }
    }
    return found;
  }

  /** What the endpoint is to believe comes from tokens alone. */
  private static void removeOwnHeaders(JwtAuthentication authentication, HttpHeaders headers) {
    for (JwtAuthentication.Provider provider : authentication.providers()) {
      if (!provider.payloadHeader().isEmpty()) {
        headers.remove(provider.payloadHeader());
      }
      for (ClaimHeader claim : provider.claimHeaders()) {
        headers.remove(claim.header());
      }
    }
  }

  /** The path as the endpoint may see it. */
  private static String withoutToken(Accepted accepted, String path) {
    return !accepted.provider().forward()
            && accepted.from() instanceof Location.QueryParameter parameter
        ? RequestFields.withoutQueryParameter(parameter.name(), path)
        : path;
  }

  private static void tell(Accepted accepted, HttpHeaders headers) {
    JwtAuthentication.Provider provider = accepted.provider();
    if (!provider.forward() && accepted.from() instanceof Location.Header header) {
      headers.remove(header.name());
    }
    if (!provider.payloadHeader().isEmpty()) {
      String payload = accepted.token().encodedPayload();
      headers.set(
          provider.payloadHeader(),
          provider.padPayload() ? payload + "=".repeat((4 - payload.length() % 4) % 4) : payload);
    }
    for (ClaimHeader claim : provider.claimHeaders()) {
      String value = accepted.token().claim(claim.claim());
      if (value != null && Characters.isHeaderValue(value)) {
        headers.set(claim.header(), value);
      }
    }
  }
}
