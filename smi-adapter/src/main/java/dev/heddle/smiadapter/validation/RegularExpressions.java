package dev.heddle.smiadapter.validation;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * Says what is wrong with a regular expression. RE2 matches in linear time, but a short expression
 * of nested repetitions compiles into a huge program; it is refused before it is compiled.
 */
public final class RegularExpressions {
  /** Instructions that an expression may compile into, about; a kilobyte each in the worst case. */
  private static final long MAX_SIZE = 20_000;

  private static final int MAX_LENGTH = 4096;

  private RegularExpressions() {}

  /** What is wrong; empty if nothing is. */
  public static Optional<String> problem(String expression) {
    if (expression.length() > MAX_LENGTH) {
      return Optional.of("at most " + MAX_LENGTH + " characters");
    }
    if (size(expression) > MAX_SIZE) {
      return Optional.of("fewer repetitions");
    }
    try {
      Pattern.compile(expression);
      return Optional.empty();
    } catch (PatternSyntaxException e) {
      return Optional.of(e.getDescription());
    }
  }

  /** About how many characters the expression is when its counted repetitions are written out. */
  private static long size(String expression) {
    Deque<Long> outer = new ArrayDeque<>();
    long sum = 0;
    long last = 0;
    int position = 0;
    while (position < expression.length()) {
      char symbol = expression.charAt(position);
      int next = position + 1;
      switch (symbol) {
        case '(' -> {
          outer.push(sum + last);
          sum = 0;
          last = 0;
        }
        case ')' -> {
          last = sum + last + 1;
          sum = outer.isEmpty() ? 0 : outer.pop();
        }
        case '{' -> {
          int end = expression.indexOf('}', position);
          long times = end < 0 ? 0 : largest(expression.substring(position + 1, end));
          if (times > 0) {
            last = saturated(last * times);
            next = end + 1;
          }
        }
        case '[' -> {
          sum += last;
          last = 1;
          int end = expression.indexOf(']', position + 2);
          next = end < 0 ? expression.length() : end + 1;
        }
        default -> {
          sum += last;
          last = 1;
          next += symbol == '\\' ? 1 : 0;
        }
      }
      sum = saturated(sum);
      position = next;
    }
    long total = sum + last;
    while (!outer.isEmpty()) {
      total += outer.pop();
    }
    return total;
  }

  /** The larger number of {@code n}, {@code n,} or {@code n,m}; 0 if it is none of these. */
  private static long largest(String counts) {
    int comma = counts.indexOf(',');
    String least = comma < 0 ? counts : counts.substring(0, comma);
    String most = comma < 0 || comma == counts.length() - 1 ? least : counts.substring(comma + 1);
    return Math.max(number(least), number(most));
  }

  private static long number(String digits) {
    boolean plain =
        !digits.isEmpty()
            && digits.length() <= 4
            && digits.chars().allMatch(digit -> digit >= '0' && digit <= '9');
    return plain ? Long.parseLong(digits) : 0;
  }

  private static long saturated(long size) {
    return Math.min(size, MAX_SIZE + 1);
  }
}
