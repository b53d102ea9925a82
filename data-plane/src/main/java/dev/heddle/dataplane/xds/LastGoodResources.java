package dev.heddle.dataplane.xds;

import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The last good resources in one file, so that a restarted proxy serves without the control plane.
 * The file is a header (magic, format version, length, CRC-32C) and the resources as delta
 * responses; it is replaced as a whole.
 */
public final class LastGoodResources {

  /** Bytes; the state directory is memory, and two files exist while one replaces the other. */
  static final int MAX_SIZE = 8 << 20;

  private static final long MAGIC = 0x484544444C455852L; // HEDDLEXR
  private static final int FORMAT = 1;
  private static final int HEADER_SIZE = Long.BYTES + Integer.BYTES + Integer.BYTES + Long.BYTES;

  private final Path file;
  private final Path replacement;

  /**
   * Touches nothing yet.
   *
   * @param directory exists and can be written to
   */
  public LastGoodResources(Path directory) {
    this.file = directory.resolve("resources.bin");
    this.replacement = directory.resolve("resources.bin.new");
  }

  /**
   * What was kept last; empty if nothing was.
   *
   * @throws IOException if there is a file that cannot be read or is damaged; the message says why
   */
  List<KeptResource> read() throws IOException {
    if (!Files.exists(file)) {
      return List.of();
    }
    long size = Files.size(file);
    if (size < HEADER_SIZE || size > HEADER_SIZE + MAX_SIZE) {
      throw new IOException(
          file + ": " + size + " bytes (expected: at most " + (HEADER_SIZE + MAX_SIZE) + ")");
    }
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
    if (bytes.getLong() != MAGIC) {
      throw new IOException(file + ": not a file of kept resources");
    }
    int format = bytes.getInt();
    if (format != FORMAT) {
      throw new IOException(file + ": format " + format + " (expected: " + FORMAT + ")");
    }
    int length = bytes.getInt();
    long checksum = bytes.getLong();
    if (length != bytes.remaining() || checksum != checksum(bytes)) {
      throw new IOException(file + ": damaged, length or checksum differs");
    }
    return decode(bytes.array(), bytes.position(), length);
  }

  /** Replaces what was kept. */
  void write(List<KeptResource> resources) throws IOException {
    byte[] payload = encode(resources);
    if (payload.length > MAX_SIZE) {
      throw new IOException(
          payload.length + " bytes of resources (expected: at most " + MAX_SIZE + ")");
    }
    ByteBuffer bytes = ByteBuffer.allocate(HEADER_SIZE + payload.length);
    bytes
        .putLong(MAGIC)
        .putInt(FORMAT)
        .putInt(payload.length)
        .putLong(checksum(ByteBuffer.wrap(payload)))
        .put(payload)
        .flip();
    try (FileChannel channel =
        FileChannel.open(
            replacement,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(false);
    }
    Files.move(
        replacement, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static byte[] encode(List<KeptResource> resources) throws IOException {
    Map<ResourceType, DeltaDiscoveryResponse.Builder> types = new EnumMap<>(ResourceType.class);
    for (KeptResource resource : resources) {
      types
          .computeIfAbsent(
              resource.type(), type -> DeltaDiscoveryResponse.newBuilder().setTypeUrl(type.url()))
          .addResources(
              Resource.newBuilder()
                  .setName(resource.name())
                  .setVersion(resource.version())
                  .setResource(resource.resource()));
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (DeltaDiscoveryResponse.Builder type : types.values()) {
      type.build().writeDelimitedTo(out);
    }
    return out.toByteArray();
  }

  private static List<KeptResource> decode(byte[] bytes, int offset, int length)
      throws IOException {
    List<KeptResource> resources = new ArrayList<>();
    ByteArrayInputStream in = new ByteArrayInputStream(bytes, offset, length);
    @Nullable DeltaDiscoveryResponse response;
    while ((response = DeltaDiscoveryResponse.parseDelimitedFrom(in)) != null) {
      @Nullable ResourceType type = ResourceType.of(response.getTypeUrl());
      if (type == null) {
        throw new IOException("kept resources of unknown type " + response.getTypeUrl());
      }
      for (Resource resource : response.getResourcesList()) {
        resources.add(
            new KeptResource(
                type, resource.getName(), resource.getVersion(), resource.getResource()));
      }
    }
    return resources;
  }

  private static long checksum(ByteBuffer bytes) {
    CRC32C checksum = new CRC32C();
    checksum.update(bytes.duplicate());
    return checksum.getValue();
  }
}
