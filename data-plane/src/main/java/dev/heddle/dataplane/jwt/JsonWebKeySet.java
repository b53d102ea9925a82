package dev.heddle.dataplane.jwt;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.EdECPoint;
import java.security.spec.EdECPublicKeySpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Public keys by which tokens are verified (RFC 7517). Keys that are not for that are left out. */
public final class JsonWebKeySet {
  private static final int MAX_KEYS = 100;
  private static final int MIN_RSA_BITS = 2048;

  private final List<Key> keys;

  /**
   * A key.
   *
   * @param id empty where it has none
   * @param algorithm the only one it is for; null for all of its kind
   */
  private record Key(String id, @Nullable SignatureAlgorithm algorithm, PublicKey key) {}

  private JsonWebKeySet(List<Key> keys) {
    this.keys = List.copyOf(keys);
  }

  /**
   * Reads a set.
   *
   * @throws InvalidTokenException if it is none, or has no key that can verify anything
   */
  public static JsonWebKeySet parse(byte[] json) throws InvalidTokenException {
    JsonElement list = Json.object(json, "Jwks").get("keys");
    if (list == null || !list.isJsonArray() || list.getAsJsonArray().size() > MAX_KEYS) {
      throw new InvalidTokenException("Jwks has no list of at most " + MAX_KEYS + " keys");
    }
    List<Key> keys = new ArrayList<>();
    for (JsonElement node : list.getAsJsonArray()) {
      Key key = node.isJsonObject() ? key(node.getAsJsonObject()) : null;
      if (key != null) {
        keys.add(key);
      }
    }
    if (keys.isEmpty()) {
      throw new InvalidTokenException("Jwks has no public key for signatures");
    }
    return new JsonWebKeySet(keys);
  }

  /** Whether any of the keys that a token may be signed with has signed it. */
  boolean verifies(String id, SignatureAlgorithm algorithm, byte[] signed, byte[] signature) {
    for (Key key : keys) {
      if ((id.isEmpty() || key.id().isEmpty() || key.id().equals(id))
          && (key.algorithm() == null || key.algorithm() == algorithm)
          && algorithm.takes(key.key())
          && algorithm.verifies(key.key(), signed, signature)) {
        return true;
      }
    }
    return false;
  }

  private static @Nullable Key key(JsonObject node) throws InvalidTokenException {
    String use = Json.text(node, "use");
    if (!use.isEmpty() && !use.equals("sig")) {
      return null;
    }
    try {
      @Nullable PublicKey key =
          switch (Json.text(node, "kty")) {
            case "RSA" -> rsa(node);
            case "EC" -> elliptic(node);
            case "OKP" -> edwards(node);
            default -> null;
          };
      if (key == null) {
        return null;
      }
      String algorithm = Json.text(node, "alg");
      return new Key(
          Json.text(node, "kid"),
          algorithm.isEmpty() ? null : SignatureAlgorithm.named(algorithm),
          key);
    } catch (GeneralSecurityException e) {
      throw Json.invalid("Jwks has a malformed key: " + e.getMessage());
    }
  }

  private static PublicKey rsa(JsonObject node)
      throws GeneralSecurityException, InvalidTokenException {
    BigInteger modulus = number(node, "n");
    if (modulus.bitLength() < MIN_RSA_BITS) {
      throw new InvalidTokenException(
          "Jwks has an RSA key of "
              + modulus.bitLength()
              + " bits (expected: at least "
              + MIN_RSA_BITS
              + ")");
    }
    return KeyFactory.getInstance("RSA")
        .generatePublic(new RSAPublicKeySpec(modulus, number(node, "e")));
  }

  private static @Nullable PublicKey elliptic(JsonObject node)
      throws GeneralSecurityException, InvalidTokenException {
    @Nullable String curve =
        switch (Json.text(node, "crv")) {
          case "P-256" -> "secp256r1";
          case "P-384" -> "secp384r1";
          case "P-521" -> "secp521r1";
          default -> null;
        };
    if (curve == null) {
      return null;
    }
    AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
    parameters.init(new ECGenParameterSpec(curve));
    return KeyFactory.getInstance("EC")
        .generatePublic(
            new ECPublicKeySpec(
                new ECPoint(number(node, "x"), number(node, "y")),
                parameters.getParameterSpec(ECParameterSpec.class)));
  }

  /** Little-endian, the highest bit is the sign of x (RFC 8032, 5.1.2). */
  private static @Nullable PublicKey edwards(JsonObject node)
      throws GeneralSecurityException, InvalidTokenException {
    if (!Json.text(node, "crv").equals("Ed25519")) {
      return null;
    }
    byte[] encoded = Json.base64Url(Json.text(node, "x"), "x of a key in Jwks");
    if (encoded.length != 32) {
      throw new InvalidTokenException("Jwks has a malformed key");
    }
    boolean odd = (encoded[31] & 0x80) != 0;
    encoded[31] &= 0x7f;
    byte[] bigEndian = new byte[32];
    for (int i = 0; i < 32; i++) {
      bigEndian[i] = encoded[31 - i];
    }
    return KeyFactory.getInstance("Ed25519")
        .generatePublic(
            new EdECPublicKeySpec(
                NamedParameterSpec.ED25519, new EdECPoint(odd, new BigInteger(1, bigEndian))));
  }

  private static BigInteger number(JsonObject node, String name) throws InvalidTokenException {
    byte[] bytes = Json.base64Url(Json.text(node, name), name + " of a key in Jwks");
    if (bytes.length == 0) {
      throw new InvalidTokenException("Jwks has a key without " + name);
    }
    return new BigInteger(1, bytes);
  }
}
