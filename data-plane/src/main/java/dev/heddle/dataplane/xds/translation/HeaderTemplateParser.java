package dev.heddle.dataplane.xds.translation;

import dev.heddle.dataplane.config.HeaderTemplate;
import dev.heddle.dataplane.config.HeaderTemplate.Connection;
import dev.heddle.dataplane.config.HeaderTemplate.Part;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Envoy's command operators in the values of headers; {@code %%} is a percent sign. */
final class HeaderTemplateParser {

  private static final Pattern OPERATOR =
      Pattern.compile("%([A-Z_]+)(?:\\(([^()]*)\\))?(?::(\\d{1,5}))?%");

  private static final Pattern HEADER = Pattern.compile("[:!#$&'*+.^_`|~0-9A-Za-z-]+");

  private HeaderTemplateParser() {}

  static HeaderTemplate parse(String text, FieldPath path) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if ((c < ' ' && c != '\t') || c >= 0x7f) {
        throw path.invalid('"' + text + '"', "printable ASCII");
      }
    }
    List<Part> parts = new ArrayList<>();
    StringBuilder literal = new StringBuilder();
    Matcher operator = OPERATOR.matcher(text);
    int at = 0;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c != '%') {
        literal.append(c);
        at++;
      } else if (text.startsWith("%%", at)) {
        literal.append('%');
        at += 2;
      } else if (operator.region(at, text.length()).lookingAt()) {
        if (!literal.isEmpty()) {
          parts.add(new Part.Literal(literal.toString()));
          literal.setLength(0);
        }
        parts.add(operator(operator, path));
        at = operator.end();
      } else {
        throw path.invalid('"' + text + '"', "%OPERATOR%, or %% for a percent sign");
      }
    }
    if (!literal.isEmpty() || parts.isEmpty()) {
      parts.add(new Part.Literal(literal.toString()));
    }
    return new HeaderTemplate(parts);
  }

  private static Part operator(Matcher operator, FieldPath path) {
    String name = operator.group(1);
    @Nullable String argument = operator.group(2);
    @Nullable String length = operator.group(3);
    if (name.equals("REQ") && argument != null) {
      String[] names = argument.split("\\?", -1);
      if (names.length <= 2 && Arrays.stream(names).allMatch(n -> HEADER.matcher(n).matches())) {
        return new Part.RequestHeader(
            names[0].toLowerCase(Locale.ROOT),
            names.length == 1 ? null : names[1].toLowerCase(Locale.ROOT),
            length == null ? Integer.MAX_VALUE : Integer.parseInt(length));
      }
    }
    if (argument == null && length == null) {
      for (Connection about : Connection.values()) {
        if (about.name().equals(name)) {
          return about;
        }
      }
    }
    throw path.invalid(
        operator.group(), "%REQ(name)% or one of " + Arrays.toString(Connection.values()));
  }
}
