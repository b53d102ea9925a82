package dev.heddle.ca.authentication;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Accepts bound ServiceAccount tokens with the audience of the CA. A token that is not bound to a
 * pod lives too long and could be used from anywhere; one for another audience was meant for
 * somebody else, who may have kept it.
 */
public final class Authenticator {
  /** The audience that a token must be made for. */
  public static final String AUDIENCE = "heddle-ca";

  private static final String SCHEME = "Bearer ";
  private static final int MAX_TOKEN_LENGTH = 8 * 1024;
  private static final String POD_NAME = "authentication.kubernetes.io/pod-name";

  /** A JWT: what is obviously none is not worth a call to the API server. */
  private static final Pattern TOKEN =
      Pattern.compile("[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+");

  private static final Pattern SERVICE_ACCOUNT =
      Pattern.compile("system:serviceaccount:([^:]+):([^:]+)");

  private final TokenReviewer reviewer;

  public Authenticator(TokenReviewer reviewer) {
    this.reviewer = reviewer;
  }

  /**
   * Who calls.
   *
   * @param authorization the metadata of that name
   * @throws UnauthenticatedException saying what is wrong with it
   * @throws ReviewUnavailableException if the API server gives no answer
   */
  public Caller authenticate(@Nullable String authorization)
      throws UnauthenticatedException, ReviewUnavailableException {
    TokenReviewResult result = reviewer.review(token(authorization));
    if (!result.authenticated()) {
      throw new UnauthenticatedException("the token is not valid");
    }
    if (!result.audiences().contains(AUDIENCE)) {
      throw new UnauthenticatedException("the token is not for the audience " + AUDIENCE);
    }
    Matcher account = SERVICE_ACCOUNT.matcher(result.username());
    if (!account.matches()) {
      throw new UnauthenticatedException("the token is not that of a ServiceAccount");
    }
    List<String> pods = result.extra().getOrDefault(POD_NAME, List.of());
    if (pods.size() != 1) {
      throw new UnauthenticatedException("the token is not bound to a pod");
    }
    return new Caller(account.group(1), account.group(2), pods.getFirst());
  }

  private static String token(@Nullable String authorization) throws UnauthenticatedException {
    if (authorization == null
        || !authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      throw new UnauthenticatedException(
          "metadata authorization: missing (expected: Bearer <token>)");
    }
    String token = authorization.substring(SCHEME.length()).strip();
    if (token.length() > MAX_TOKEN_LENGTH || !TOKEN.matcher(token).matches()) {
      throw new UnauthenticatedException("metadata authorization: no token of a ServiceAccount");
    }
    return token;
  }
}
