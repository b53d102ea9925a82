package dev.heddle.smiadapter.resources;

import com.google.protobuf.Any;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Message;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Packs messages so that equal ones have equal bytes: {@link Any#pack} writes maps in the order of
 * their making, and the version of a resource is a hash of its bytes.
 */
public final class Packing {

  private Packing() {}

  /** Packs a message under its {@code type.googleapis.com} URL. */
  public static Any pack(Message message) {
    byte[] bytes = new byte[message.getSerializedSize()];
    CodedOutputStream output = CodedOutputStream.newInstance(bytes);
    output.useDeterministicSerialization();
    try {
      message.writeTo(output);
    } catch (IOException e) {
      throw new UncheckedIOException("an array of the right size cannot run out", e);
    }
    output.checkNoSpaceLeft();
    return Any.newBuilder()
        .setTypeUrl("type.googleapis.com/" + message.getDescriptorForType().getFullName())
        .setValue(UnsafeByteOperations.unsafeWrap(bytes))
        .build();
  }
}
