package dev.heddle.smiadapter.state;

import java.util.List;

/**
 * What was seen of one object.
 *
 * @param change how the object is now
 * @param findings what its user asked for and cannot get, whatever the rest of the mesh is like
 */
public record Observation(Change change, List<Finding> findings) {

  /** Copies the list. */
  public Observation {
    findings = List.copyOf(findings);
  }

  /** Of an object with which nothing is wrong. */
  public static Observation of(Change change) {
    return new Observation(change, List.of());
  }
}
