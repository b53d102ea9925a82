package dev.heddle.smiadapter.state;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was seen of one object.
 *
 * @param change how the object is now
 * @param findings what its user asked for and cannot get, whatever the rest of the mesh is like
 * @param object the object, if its user is to be told whether it is in force; null if not, or gone
 */
public record Observation(Change change, List<Finding> findings, @Nullable ObservedObject object) {

  /** Copies the list. */
  public Observation {
    findings = List.copyOf(findings);
  }

  /** Of an object whose user is not told. */
  public Observation(Change change, List<Finding> findings) {
    this(change, findings, null);
  }

  /** Of an object with which nothing is wrong. */
  public static Observation of(Change change) {
    return new Observation(change, List.of());
  }

  /** This observation, of an object whose user is told. */
  public Observation about(ObservedObject observed) {
    return new Observation(change, findings, observed);
  }
}
