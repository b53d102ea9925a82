package dev.heddle.smiadapter.validation;

import java.util.List;

/**
 * What is to become of an object.
 *
 * @param mistakes why it is refused; it is admitted if there are none
 * @param warnings what its writer should know all the same
 */
public record Judgement(List<Mistake> mistakes, List<String> warnings) {
  public Judgement {
    mistakes = List.copyOf(mistakes);
    warnings = List.copyOf(warnings);
  }
}
