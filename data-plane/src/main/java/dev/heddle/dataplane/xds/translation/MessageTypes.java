package dev.heddle.dataplane.xds.translation;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.SequencedSet;
import java.util.TreeSet;

/**
 * What protobuf tells of a message by reflection, without its reflection: {@link
 * Message#getDescriptorForType()}, {@link Message#getAllFields()} and {@link
 * com.google.protobuf.Any#is} look up every accessor of the type, and with that load and hold a
 * description of each method and all the types that these mention. A proxy would keep megabytes of
 * them for reading nothing else that way.
 */
final class MessageTypes {

  private static final MethodType DESCRIPTOR = MethodType.methodType(Descriptor.class);

  private MessageTypes() {}

  /** The type of a generated message. */
  static Descriptor descriptor(Message message) {
    try {
      MethodHandle getter =
          MethodHandles.publicLookup().findStatic(message.getClass(), "getDescriptor", DESCRIPTOR);
      return (Descriptor) getter.invoke();
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalArgumentException(message.getClass() + " is no generated message", e);
    }
  }

  /**
   * The same message for whoever reads it by its fields' names: in the product's image the
   * accessors that nobody calls are left out, and protobuf's reflection wants all of them.
   */
  static DynamicMessage reflective(Message message) {
    try {
      return DynamicMessage.parseFrom(descriptor(message), message.toByteString());
    } catch (InvalidProtocolBufferException e) {
      throw new UncheckedIOException("What protobuf wrote it cannot read", e);
    }
  }

  /** Numbers of the fields that are set, also of those that the type does not know, ascending. */
  static SequencedSet<Integer> setFields(Message message) {
    SequencedSet<Integer> numbers = new TreeSet<>();
    CodedInputStream wire = message.toByteString().newCodedInput();
    try {
      for (int tag = wire.readTag(); tag != 0; tag = wire.readTag()) {
        numbers.add(WireFormat.getTagFieldNumber(tag));
        wire.skipField(tag);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("What protobuf wrote it cannot read", e);
    }
    return numbers;
  }
}
