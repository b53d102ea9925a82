package dev.heddle.smiadapter.resources;

import com.google.protobuf.Message;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A resource, ready to be sent.
 *
 * @param key type and name
 * @param version hash of the content: the same on every replica and after every restart
 * @param audience who may see it
 * @param withdrawal whether a client that has an earlier version loses what it may still refer to
 * @param encoded the message that goes over the wire, shared by all streams
 */
public record Resource(
    ResourceKey key,
    String version,
    Audience audience,
    boolean withdrawal,
    io.envoyproxy.envoy.service.discovery.v3.Resource encoded) {

  private static final int VERSION_BYTES = 12;

  /** Encodes a resource for everyone. */
  public static Resource of(ResourceType type, String name, Message content) {
    return of(type, name, content, Audience.EVERYONE);
  }

  /** Encodes a resource. */
  public static Resource of(ResourceType type, String name, Message content, Audience audience) {
    var packed = Packing.pack(content);
    String version = hash(packed.getValue().toByteArray());
    var encoded =
        io.envoyproxy.envoy.service.discovery.v3.Resource.newBuilder()
            .setName(name)
            .setVersion(version)
            .setResource(packed)
            .build();
    return new Resource(new ResourceKey(type, name), version, audience, false, encoded);
  }

  /** The same, to be sent like a removal: after what no longer refers to it. */
  public Resource asWithdrawal() {
    return new Resource(key, version, audience, true, encoded);
  }

  private static String hash(byte[] content) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
      return HexFormat.of().formatHex(digest, 0, VERSION_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
