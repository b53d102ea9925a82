package dev.heddle.smiadapter.smi;

import com.google.re2j.Pattern;
import dev.heddle.smiadapter.state.TextCondition;
import dev.heddle.smiadapter.validation.RegularExpressions;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads regular expressions of users, in RE2's syntax, which is matched in linear time. Text that
 * only looks like one is compared as such, which is cheaper.
 */
final class TextConditions {

  private static final String EXPECTED = "a regular expression in RE2's syntax";
  private static final Pattern LITERAL = Pattern.compile("[A-Za-z0-9/_~%=:@,; -]*");

  private TextConditions() {}

  /** On a path: anchored at the start, open at the end. Null when every path fulfils it. */
  static @Nullable TextCondition onPath(Field field) throws NotHonoured {
    String regex = read(field);
    if (LITERAL.matches(regex)) {
      if (!regex.isEmpty() && !regex.startsWith("/")) {
        throw field.invalid("an expression that some path fulfils: paths begin with /");
      }
      return regex.isEmpty() || regex.equals("/") ? null : new TextCondition.Prefix(regex);
    }
    if (regex.equals(".*") || regex.equals("/.*")) {
      return null;
    }
    String open = "(?:" + regex + ").*";
    check(field, open);
    return new TextCondition.Pattern(open);
  }

  /** On a value: the whole of it. */
  static TextCondition onValue(Field field) throws NotHonoured {
    String regex = read(field);
    return LITERAL.matches(regex)
        ? new TextCondition.Exact(regex)
        : new TextCondition.Pattern(regex);
  }

  private static String read(Field field) throws NotHonoured {
    if (!field.value().isTextual()) {
      throw field.invalid(EXPECTED);
    }
    String regex = field.value().textValue();
    check(field, regex);
    return regex;
  }

  private static void check(Field field, String regex) throws NotHonoured {
    Optional<String> problem = RegularExpressions.problem(regex);
    if (problem.isPresent()) {
      throw field.invalid(EXPECTED + "; " + problem.get());
    }
  }
}
