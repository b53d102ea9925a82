package dev.heddle.dataplane.json;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Appends one JSON document to a builder. The caller keeps begin and end balanced and names every
 * value of an object. Not thread-safe.
 */
public final class JsonWriter {

  private final StringBuilder out;
  private final boolean indented;
  private int depth;
  private boolean first = true;
  private boolean named;

  private JsonWriter(StringBuilder out, boolean indented) {
    this.out = out;
    this.indented = indented;
  }

  /** On one line. */
  public static JsonWriter compact(StringBuilder out) {
    return new JsonWriter(out, false);
  }

  /** On many lines, for people. */
  public static JsonWriter indented(StringBuilder out) {
    return new JsonWriter(out, true);
  }

  public JsonWriter beginObject() {
    return begin('{');
  }

  public JsonWriter endObject() {
    return end('}');
  }

  public JsonWriter beginArray() {
    return begin('[');
  }

  public JsonWriter endArray() {
    return end(']');
  }

  public JsonWriter name(String name) {
    separate();
    quote(name);
    out.append(indented ? ": " : ":");
    named = true;
    return this;
  }

  public JsonWriter value(@Nullable String value) {
    separate();
    if (value == null) {
      out.append("null");
    } else {
      quote(value);
    }
    return this;
  }

  public JsonWriter value(long value) {
    separate();
    out.append(value);
    return this;
  }

  /** With three digits after the point. */
  public JsonWriter value(double value) {
    separate();
    out.append(String.format(Locale.ROOT, "%.3f", value));
    return this;
  }

  public JsonWriter value(boolean value) {
    separate();
    out.append(value);
    return this;
  }

  public JsonWriter field(String name, @Nullable String value) {
    return name(name).value(value);
  }

  public JsonWriter field(String name, long value) {
    return name(name).value(value);
  }

  public JsonWriter field(String name, boolean value) {
    return name(name).value(value);
  }

  private JsonWriter begin(char bracket) {
    separate();
    out.append(bracket);
    depth++;
    first = true;
    return this;
  }

  private JsonWriter end(char bracket) {
    depth--;
    if (!first) {
      line();
    }
    out.append(bracket);
    first = false;
    return this;
  }

  private void separate() {
    if (named) {
      named = false;
      return;
    }
    if (!first) {
      out.append(',');
    }
    if (depth > 0) {
      line();
    }
    first = false;
  }

  private void line() {
    if (indented) {
      out.append('\n');
      out.repeat("  ", depth);
    }
  }

  private void quote(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (c < 0x20 || c == 0x7F || Character.isSurrogate(c) || c == 0x2028 || c == 0x2029) {
            out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
