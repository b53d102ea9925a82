package dev.heddle.smiadapter.conversion;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/**
 * The only port that a TrafficTarget grants access to. v1alpha1 and v1alpha2 have a field for it;
 * in v1alpha3, which is stored, an annotation stands for it, and only that counts.
 */
public final class TrafficTargetPort {
  /** The annotation, whose value is a port in decimal digits. */
  public static final String ANNOTATION = "heddle.dev/destination-port";

  /** Where it is in the stored version. */
  public static final String PATH = "metadata.annotations[" + ANNOTATION + "]";

  private static final Pattern DECIMAL = Pattern.compile("[1-9][0-9]{0,4}");
  private static final int LARGEST = 65_535;

  private TrafficTargetPort() {}

  /** What the object says; empty if it grants every port. */
  public static Optional<String> of(ObjectNode stored) {
    return Annotations.get(stored, ANNOTATION);
  }

  /** The port; empty if the text is none, and nothing is granted. */
  public static OptionalInt number(String text) {
    int number = DECIMAL.matcher(text).matches() ? Integer.parseInt(text) : 0;
    return number >= 1 && number <= LARGEST ? OptionalInt.of(number) : OptionalInt.empty();
  }
}
