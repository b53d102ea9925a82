package dev.heddle.smiadapter.translate;

import dev.heddle.smiadapter.resources.Resource;
import dev.heddle.smiadapter.state.Finding;
import java.util.List;

/**
 * What a unit comes to.
 *
 * @param resources its resources
 * @param findings what users asked for and do not get
 */
public record UnitTranslation(List<Resource> resources, List<Finding> findings) {

  /** A unit of which nothing is left. */
  static final UnitTranslation NOTHING = new UnitTranslation(List.of(), List.of());

  /** Copies the lists. */
  public UnitTranslation {
    resources = List.copyOf(resources);
    findings = List.copyOf(findings);
  }
}
