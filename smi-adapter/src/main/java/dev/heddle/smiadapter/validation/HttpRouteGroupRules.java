package dev.heddle.smiadapter.validation;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** What an HTTPRouteGroup must be. */
final class HttpRouteGroupRules {
  /** A token of RFC 9110, 5.6.2, which a header's name is. */
  private static final Pattern HEADER_NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}");

  private static final String HEADERS =
      "regular expressions by header name: a map, or a list of maps of one name each";

  private HttpRouteGroupRules() {}

  static List<Mistake> mistakes(JsonNode spec) {
    List<Mistake> mistakes = new ArrayList<>();
    JsonNode matches = spec.path("matches");
    for (int i = 0; i < matches.size(); i++) {
      String field = "spec.matches[" + i + "]";
      JsonNode match = matches.path(i);
      Fields.requireText(
          mistakes, field + ".name", match.path("name"), "a name for TrafficTargets to refer to");
      if (match.has("pathRegex")) {
        expression(mistakes, field + ".pathRegex", match.path("pathRegex"));
      }
      if (match.has("headers")) {
        headers(mistakes, field + ".headers", match.path("headers"));
      }
    }
    return mistakes;
  }

  private static void headers(List<Mistake> mistakes, String field, JsonNode headers) {
    if (headers.isObject()) {
      map(mistakes, field, headers);
      return;
    }
    if (!headers.isArray()) {
      mistakes.add(Mistake.of(field, headers, HEADERS));
      return;
    }
    for (int i = 0; i < headers.size(); i++) {
      JsonNode header = headers.path(i);
      if (!header.isObject() || header.size() != 1) {
        mistakes.add(Mistake.of(field + "[" + i + "]", header, "a map of one header name"));
      } else {
        map(mistakes, field + "[" + i + "]", header);
      }
    }
  }

  private static void map(List<Mistake> mistakes, String field, JsonNode headers) {
    for (Map.Entry<String, JsonNode> header : headers.properties()) {
      String name = field + "[" + header.getKey() + "]";
      if (!HEADER_NAME.matcher(header.getKey()).matches()) {
        mistakes.add(new Mistake(name, "no header has this name (expected: a token of RFC 9110)"));
      }
      expression(mistakes, name, header.getValue());
    }
  }

  private static void expression(List<Mistake> mistakes, String field, JsonNode value) {
    if (!value.isTextual()) {
      mistakes.add(Mistake.of(field, value, "a regular expression (RE2)"));
      return;
    }
    RegularExpressions.problem(value.textValue())
        .ifPresent(problem ->
            mistakes.add(Mistake.of(field, value, "a regular expression (RE2): " + problem)));
  }
}
