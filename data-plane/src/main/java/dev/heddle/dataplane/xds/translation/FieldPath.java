package dev.heddle.dataplane.xds.translation;

import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Where in a resource a value stands, for example {@code filter_chains[0].filters[1].typed_config}.
 *
 * @param resource which one, for what must tell the fields of one from those of another
 * @param text empty for the resource itself
 */
public record FieldPath(String resource, String text) {

  private static final int SHOWN_VALUE_LENGTH = 120;

  public static final FieldPath ROOT = new FieldPath("", "");

  /** The resource of this kind and name. */
  static FieldPath of(String kind, String name) {
    return new FieldPath(kind + " " + name, "");
  }

  /** A name of the field that no field of another resource has. */
  String unique() {
    return resource + " " + text;
  }

  public FieldPath field(String name) {
    return new FieldPath(resource, text.isEmpty() ? name : text + "." + name);
  }

  public FieldPath element(String name, int index) {
    return field(name + "[" + index + "]");
  }

  public FieldPath entry(String name, String key) {
    return field(name + "[\"" + key + "\"]");
  }

  /** The failure of this field, to be thrown. */
  public InvalidResourceException invalid(Object value, String expected) {
    return new InvalidResourceException(
        (text.isEmpty() ? "" : text + ": ") + shown(value) + " (expected: " + expected + ")");
  }

  /**
   * Refuses a message in which a field is set that is neither honoured nor known to be without
   * effect.
   *
   * @param honoured field names that the caller reads
   * @param tolerated field names without effect on this proxy
   */
  public void allowOnly(Message message, Set<String> honoured, Set<String> tolerated) {
    Descriptor type = MessageTypes.descriptor(message);
    SortedSet<Integer> unknown = new TreeSet<>();
    for (int number : MessageTypes.setFields(message)) {
      FieldDescriptor field = type.findFieldByNumber(number);
      if (field == null) {
        unknown.add(number);
      } else if (!honoured.contains(field.getName()) && !tolerated.contains(field.getName())) {
        throw field(field.getName())
            .invalid(
                MessageTypes.reflective(message).getField(field),
                "not set, this field is not supported");
      }
    }
    if (!unknown.isEmpty()) {
      throw invalid(
          "unknown field numbers " + unknown, "fields of the Envoy API this proxy was built with");
    }
  }

  public void allowOnly(Message message, Set<String> honoured) {
    allowOnly(message, honoured, Set.of());
  }

  /** Whether an Any holds a message of the type of the given one. */
  static boolean holds(Any any, Message instance) {
    return any.getTypeUrl().endsWith("/" + MessageTypes.descriptor(instance).getFullName());
  }

  /**
   * Opens an Any that must hold a message of the given type. Not by Any's own methods, which look
   * for the default instance by reflection; see {@link MessageTypes}.
   */
  <M extends Message> M unpack(Any any, Class<M> type, M defaultInstance) {
    if (!holds(any, defaultInstance)) {
      throw invalid(any.getTypeUrl(), MessageTypes.descriptor(defaultInstance).getFullName());
    }
    try {
      return type.cast(defaultInstance.getParserForType().parseFrom(any.getValue()));
    } catch (InvalidProtocolBufferException e) {
      throw invalid(String.valueOf(e.getMessage()), "a well-formed " + type.getSimpleName());
    }
  }

  private static String shown(DynamicMessage message) {
    Descriptor type = message.getDescriptorForType();
    return type.getFullName().equals(Any.getDescriptor().getFullName())
        ? String.valueOf(message.getField(type.findFieldByNumber(Any.TYPE_URL_FIELD_NUMBER)))
        : TextFormat.printer().printToString(message).strip().replace('\n', ' ');
  }

  private static String shown(Object value) {
    String text =
        switch (value) {
          case Any any -> any.getTypeUrl();
          case DynamicMessage message -> shown(message);
          case Message message -> shown(MessageTypes.reflective(message));
          case List<?> list when !list.isEmpty() ->
              "[" + shown(list.getFirst()) + (list.size() > 1 ? ", ...]" : "]");
          default -> value.toString();
        };
    return text.length() <= SHOWN_VALUE_LENGTH
        ? text
        : text.substring(0, SHOWN_VALUE_LENGTH) + "...";
  }
}
