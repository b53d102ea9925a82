package dev.heddle.dataplane.bootstrap;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.representer.Representer;
import org.yaml.snakeyaml.resolver.Resolver;

/**
 * YAML, and so JSON, to the tree that JSON would be. Anchors, aliases and merge keys are resolved;
 * a key that stands twice in a mapping is refused.
 */
final class YamlTree {

  private static final int MAX_DEPTH = 200;
  private static final int MAX_VALUES = 1_000_000;
  private static final int MAX_LENGTH = 16 << 20;

  private int values;

  private YamlTree() {}

  /**
   * Reads the one document of a text.
   *
   * @throws InvalidBootstrapException naming line and column
   */
  static JsonElement parse(String text) throws InvalidBootstrapException {
    LoaderOptions options = new LoaderOptions();
    options.setAllowDuplicateKeys(false);
    options.setNestingDepthLimit(MAX_DEPTH);
    options.setCodePointLimit(MAX_LENGTH);
    options.setMaxAliasesForCollections(MAX_VALUES);
    DumperOptions unused = new DumperOptions();
    Yaml yaml =
        new Yaml(
            new SafeConstructor(options), new Representer(unused), unused, options, new Json());
    try {
      return new YamlTree().json(yaml.load(text), 0);
    } catch (MarkedYAMLException e) {
      Mark at = e.getProblemMark();
      throw new InvalidBootstrapException(
          (at == null
                  ? ""
                  : "line " + (at.getLine() + 1) + ", column " + (at.getColumn() + 1) + ": ")
              + e.getProblem());
    } catch (YAMLException e) {
      throw new InvalidBootstrapException(String.valueOf(e.getMessage()));
    }
  }

  /** Aliases let a short text stand for a large tree, or an endless one. */
  private JsonElement json(@Nullable Object value, int depth) throws InvalidBootstrapException {
    if (depth > MAX_DEPTH || ++values > MAX_VALUES) {
      throw new InvalidBootstrapException(
          "too large with its aliases resolved (expected: at most "
              + MAX_DEPTH
              + " levels and "
              + MAX_VALUES
              + " values)");
    }
    return switch (value) {
      case null -> JsonNull.INSTANCE;
      case Map<?, ?> map -> {
        JsonObject object = new JsonObject();
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          object.add(String.valueOf(entry.getKey()), json(entry.getValue(), depth + 1));
        }
        yield object;
      }
      case List<?> list -> {
        JsonArray array = new JsonArray(list.size());
        for (Object element : list) {
          array.add(json(element, depth + 1));
        }
        yield array;
      }
      case Boolean truth -> new JsonPrimitive(truth);
      case Number number -> new JsonPrimitive(number);
      default -> new JsonPrimitive(value.toString());
    };
  }

  /**
   * Only JSON's own types: YAML 1.1 would take {@code 10:30} for a number to the base of 60, {@code
   * 010} for an octal one, {@code on} for true and {@code 2026-01-01} for a date.
   */
  private static final class Json extends Resolver {
    @Override
    protected void addImplicitResolvers() {
      addImplicitResolver(Tag.BOOL, Pattern.compile("true|True|TRUE|false|False|FALSE"), "tTfF");
      addImplicitResolver(Tag.INT, Pattern.compile("-?(?:0|[1-9][0-9]*)"), "-0123456789");
      addImplicitResolver(
          Tag.FLOAT,
          Pattern.compile("-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][-+]?[0-9]+)?"),
          "-0123456789");
      addImplicitResolver(Tag.NULL, Pattern.compile("~|null|Null|NULL"), "~nN");
      addImplicitResolver(Tag.NULL, EMPTY, null);
      addImplicitResolver(Tag.MERGE, Pattern.compile("<<"), "<");
    }
  }
}
