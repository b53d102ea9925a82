package dev.heddle.smiadapter.conversion;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Weights as v1alpha1 writes them: quantities of the Kubernetes API, of which only the ratio
 * counts.
 *
 * @see <a
 *     href="https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/">the
 *     format</a>
 */
final class Quantities {
  private static final BigInteger LARGEST = BigInteger.valueOf(Integer.MAX_VALUE);
  private static final int MAX_LENGTH = 64;

  /** A number of more digits is no weight, and is not worth the work it could be made to cost. */
  private static final int MAX_DIGITS = 100;

  private static final Pattern QUANTITY =
      Pattern.compile(
          "([+-]?(?:[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+))([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]{1,2})?");

  private static final Map<String, BigDecimal> SUFFIXES =
      Map.ofEntries(
          Map.entry("n", new BigDecimal("1e-9")),
          Map.entry("u", new BigDecimal("1e-6")),
          Map.entry("m", new BigDecimal("1e-3")),
          Map.entry("k", new BigDecimal("1e3")),
          Map.entry("M", new BigDecimal("1e6")),
          Map.entry("G", new BigDecimal("1e9")),
          Map.entry("T", new BigDecimal("1e12")),
          Map.entry("P", new BigDecimal("1e15")),
          Map.entry("E", new BigDecimal("1e18")),
          Map.entry("Ki", power(10)),
          Map.entry("Mi", power(20)),
          Map.entry("Gi", power(30)),
          Map.entry("Ti", power(40)),
          Map.entry("Pi", power(50)),
          Map.entry("Ei", power(60)));

  private Quantities() {}

  /** The number that a quantity stands for; empty if it is none. */
  static Optional<BigDecimal> parse(JsonNode quantity) {
    if (quantity.isNumber()) {
      BigDecimal number = quantity.decimalValue();
      return isReasonable(number) ? Optional.of(number) : Optional.empty();
    }
    String text = quantity.isTextual() ? quantity.textValue() : "";
    if (text.length() > MAX_LENGTH) {
      return Optional.empty();
    }
    Matcher matcher = QUANTITY.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    BigDecimal number = new BigDecimal(matcher.group(1));
    String suffix = matcher.group(2);
    if (suffix == null) {
      return Optional.of(number);
    }
    BigDecimal factor = SUFFIXES.get(suffix);
    return Optional.of(
        factor == null
            ? number.scaleByPowerOfTen(Integer.parseInt(suffix.substring(1)))
            : number.multiply(factor));
  }

  /**
   * Whole numbers in the ratio of the quantities: those that were written, if all are whole; else
   * the smallest. Where the exact ratio asks for numbers above 2147483647 it is rounded, and what
   * had a share keeps one.
   */
  static List<BigInteger> wholeNumbers(List<BigDecimal> quantities) {
    int scale = quantities.stream().mapToInt(Quantities::scale).max().orElse(0);
    List<BigInteger> exact =
        quantities.stream()
            .map(quantity -> quantity.movePointRight(scale).toBigIntegerExact())
            .toList();
    boolean asWritten = scale == 0 && largest(exact).compareTo(LARGEST) <= 0;
    return asWritten ? exact : bounded(reduced(exact));
  }

  private static List<BigInteger> reduced(List<BigInteger> numbers) {
    BigInteger divisor = numbers.stream().reduce(BigInteger.ZERO, BigInteger::gcd);
    return divisor.signum() == 0
        ? numbers
        : numbers.stream().map(number -> number.divide(divisor)).toList();
  }

  private static List<BigInteger> bounded(List<BigInteger> numbers) {
    BigInteger largest = largest(numbers);
    if (largest.compareTo(LARGEST) <= 0) {
      return numbers;
    }
    BigDecimal limit = new BigDecimal(LARGEST);
    return numbers.stream()
        .map(number -> {
          BigInteger share =
              new BigDecimal(number)
                  .multiply(limit)
                  .divide(new BigDecimal(largest), 0, RoundingMode.HALF_UP)
                  .toBigInteger();
          return share.signum() == 0 ? BigInteger.valueOf(number.signum()) : share;
        })
        .toList();
  }

  private static BigInteger largest(List<BigInteger> numbers) {
    return numbers.stream().map(BigInteger::abs).reduce(BigInteger.ZERO, BigInteger::max);
  }

  /** Digits after the point that are needed. */
  private static int scale(BigDecimal number) {
    return Math.max(0, number.stripTrailingZeros().scale());
  }

  private static boolean isReasonable(BigDecimal number) {
    return number.precision() <= MAX_DIGITS && Math.abs(number.scale()) <= MAX_DIGITS;
  }

  private static BigDecimal power(int exponent) {
    return new BigDecimal(BigInteger.TWO.pow(exponent));
  }
}
