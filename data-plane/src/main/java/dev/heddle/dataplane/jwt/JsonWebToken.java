package dev.heddle.dataplane.jwt;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A signed token in its compact form (RFC 7515, 7.1). */
public final class JsonWebToken {
  private final SignatureAlgorithm algorithm;
  private final String keyId;
  private final String encodedPayload;
  private final JsonObject claims;
  private final byte[] signed;
  private final byte[] signature;

  private JsonWebToken(
      SignatureAlgorithm algorithm,
      String keyId,
      String encodedPayload,
      JsonObject claims,
      byte[] signed,
      byte[] signature) {
    this.algorithm = algorithm;
    this.keyId = keyId;
    this.encodedPayload = encodedPayload;
    this.claims = claims;
    this.signed = signed;
    this.signature = signature;
  }

  /**
   * Reads a token, and believes nothing of it yet.
   *
   * @throws InvalidTokenException if it is malformed, or signed in a way that is not accepted
   */
  public static JsonWebToken parse(String text) throws InvalidTokenException {
    int first = text.indexOf('.');
    int second = text.indexOf('.', first + 1);
    if (first <= 0 || second < 0 || text.indexOf('.', second + 1) >= 0) {
      throw new InvalidTokenException(
          "Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections");
    }
    String payload = text.substring(first + 1, second);
    JsonObject header =
        Json.object(Json.base64Url(text.substring(0, first), "Jwt header"), "Jwt header");
    if (header.has("crit")) {
      throw new InvalidTokenException("Jwt header has critical extensions");
    }
    return new JsonWebToken(
        SignatureAlgorithm.named(Json.text(header, "alg")),
        Json.text(header, "kid"),
        payload,
        Json.object(Json.base64Url(payload, "Jwt payload"), "Jwt payload"),
        text.substring(0, second).getBytes(StandardCharsets.US_ASCII),
        Json.base64Url(text.substring(second + 1), "Jwt signature"));
  }

  /** Who says that it issued it; empty where nobody does. */
  public String issuer() {
    return Json.text(claims, "iss");
  }

  /** The payload as it came, base64url without padding. */
  public String encodedPayload() {
    return encodedPayload;
  }

  public boolean signedBy(JsonWebKeySet keys) {
    return keys.verifies(keyId, algorithm, signed, signature);
  }

  /** Whether it is for any of these, or for anybody when there are none. */
  public boolean isFor(List<String> audiences) {
    if (audiences.isEmpty()) {
      return true;
    }
    JsonElement named = claims.get("aud");
    if (Json.isText(named)) {
      return audiences.contains(named.getAsString());
    }
    if (named != null && named.isJsonArray()) {
      for (JsonElement audience : named.getAsJsonArray()) {
        if (Json.isText(audience) && audiences.contains(audience.getAsString())) {
          return true;
        }
      }
    }
    return false;
  }

  /**
   * Checks its time.
   *
   * @param nowSeconds since 1970
   * @param skewSeconds by which clocks may differ
   * @throws InvalidTokenException if it is over, has not begun, or says it in no number
   */
  public void checkTime(long nowSeconds, long skewSeconds, boolean mustEnd)
      throws InvalidTokenException {
    Long end = seconds("exp");
    Long begin = seconds("nbf");
    if (end == null && mustEnd) {
      throw new InvalidTokenException("Jwt has no expiration");
    }
    if (end != null && nowSeconds > end + skewSeconds) {
      throw new InvalidTokenException("Jwt is expired");
    }
    if (begin != null && nowSeconds < begin - skewSeconds) {
      throw new InvalidTokenException("Jwt not yet valid");
    }
  }

  private @Nullable Long seconds(String claim) throws InvalidTokenException {
    JsonElement value = claims.get(claim);
    if (value == null) {
      return null;
    }
    // Far beyond any date, and far from overflow.
    if (!value.isJsonPrimitive()
        || !value.getAsJsonPrimitive().isNumber()
        || Math.abs(value.getAsDouble()) > 1e15) {
      throw new InvalidTokenException("Jwt claim [" + claim + "] is no time");
    }
    return (long) value.getAsDouble();
  }

  /**
   * A claim as text; null where it is missing or neither text, number nor truth value.
   *
   * @param path names of members, the outer one first
   */
  public @Nullable String claim(List<String> path) {
    @Nullable JsonElement value = claims;
    for (String name : path) {
      value = value != null && value.isJsonObject() ? value.getAsJsonObject().get(name) : null;
    }
    return value instanceof JsonPrimitive primitive ? primitive.getAsString() : null;
  }
}
