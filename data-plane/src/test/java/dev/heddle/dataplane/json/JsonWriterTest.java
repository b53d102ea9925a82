package dev.heddle.dataplane.json;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class JsonWriterTest {

  @Test
  void writesOneLine() {
    StringBuilder out = new StringBuilder();
    JsonWriter.compact(out)
        .beginObject()
        .field("a", "b")
        .field("n", 1)
        .name("list")
        .beginArray()
        .value("x")
        .beginObject()
        .endObject()
        .value(true)
        .endArray()
        .name("d")
        .value(1.5)
        .field("none", (String) null)
        .endObject();
    assertThat(out)
        .hasToString("{\"a\":\"b\",\"n\":1,\"list\":[\"x\",{},true],\"d\":1.500,\"none\":null}");
  }

  @Test
  void escapesWhatCouldEndTheStringOrTheLine() {
    StringBuilder out = new StringBuilder();
    JsonWriter.compact(out).value("\"\\\n\r\t\u0001\u2028\uD800é");
    assertThat(out).hasToString("\"\\\"\\\\\\n\\r\\t\\u0001\\u2028\\ud800é\"");
  }

  @Test
  void writesManyLines() {
    StringBuilder out = new StringBuilder();
    JsonWriter.indented(out)
        .beginObject()
        .name("a")
        .beginArray()
        .value(1)
        .endArray()
        .name("b")
        .beginObject()
        .endObject()
        .endObject();
    assertThat(out).hasToString("{\n  \"a\": [\n    1\n  ],\n  \"b\": {}\n}");
  }
}
