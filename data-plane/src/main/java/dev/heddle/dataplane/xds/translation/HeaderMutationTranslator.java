package dev.heddle.dataplane.xds.translation;

import dev.heddle.dataplane.config.HeaderMutation;
import dev.heddle.dataplane.config.HeaderMutation.When;
import dev.heddle.dataplane.config.HeaderMutations;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The four fields by which clusters, routes, virtual hosts and route configurations change headers.
 * At each level headers are removed before others are added, as in Envoy.
 */
final class HeaderMutationTranslator {

  private static final Pattern NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9a-z-]+");

  /** What frames a message or belongs to one connection, and is the proxy's own. */
  private static final Set<String> RESERVED =
      Set.of(
          "host",
          "connection",
          "content-length",
          "expect",
          "http2-settings",
          "keep-alive",
          "proxy-connection",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade");

  private HeaderMutationTranslator() {}

  static HeaderMutations mutations(
      List<HeaderValueOption> requestAdded,
      List<String> requestRemoved,
      List<HeaderValueOption> responseAdded,
      List<String> responseRemoved,
      FieldPath path) {
    return new HeaderMutations(
        side(requestAdded, requestRemoved, "request_headers_to_", path),
        side(responseAdded, responseRemoved, "response_headers_to_", path));
  }

  private static List<HeaderMutation> side(
      List<HeaderValueOption> added, List<String> removed, String field, FieldPath path) {
    List<HeaderMutation> mutations = new ArrayList<>(added.size() + removed.size());
    for (int i = 0; i < removed.size(); i++) {
      mutations.add(
          new HeaderMutation.Remove(name(removed.get(i), path.element(field + "remove", i))));
    }
    for (int i = 0; i < added.size(); i++) {
      mutations.add(set(added.get(i), path.element(field + "add", i)));
    }
    return mutations;
  }

  private static HeaderMutation set(HeaderValueOption option, FieldPath path) {
    path.allowOnly(option, Set.of("header", "append", "append_action", "keep_empty_value"));
    FieldPath at = path.field("header");
    at.allowOnly(option.getHeader(), Set.of("key", "value"));
    return new HeaderMutation.Set(
        name(option.getHeader().getKey(), at.field("key")),
        HeaderTemplateParser.parse(option.getHeader().getValue(), at.field("value")),
        when(option, path.field("append_action")),
        option.getKeepEmptyValue());
  }

  @SuppressWarnings("deprecation") // The older field is what many control planes still send.
  private static When when(HeaderValueOption option, FieldPath path) {
    if (option.hasAppend()) {
      return option.getAppend().getValue() ? When.APPEND : When.OVERWRITE;
    }
    return switch (option.getAppendAction()) {
      case APPEND_IF_EXISTS_OR_ADD -> When.APPEND;
      case ADD_IF_ABSENT -> When.IF_ABSENT;
      case OVERWRITE_IF_EXISTS_OR_ADD -> When.OVERWRITE;
      case OVERWRITE_IF_EXISTS -> When.IF_PRESENT;
      case UNRECOGNIZED ->
          throw path.invalid(option.getAppendActionValue(), "an action of the Envoy API");
    };
  }

  /** A header that may be changed, in lower case. */
  static String name(String name, FieldPath path) {
    String lower = name.toLowerCase(Locale.ROOT);
    if (!NAME.matcher(lower).matches() || RESERVED.contains(lower) || lower.startsWith("heddle-")) {
      throw path.invalid(
          '"' + name + '"',
          "a header name, but none of " + RESERVED.stream().sorted().toList() + " or heddle-*");
    }
    return lower;
  }
}
