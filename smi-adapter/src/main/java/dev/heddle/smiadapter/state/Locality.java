package dev.heddle.smiadapter.state;

import java.util.Comparator;

/**
 * Where something runs.
 *
 * @param region the region, empty when unknown
 * @param zone the zone within the region, empty when unknown
 */
public record Locality(String region, String zone) implements Comparable<Locality> {

  /** Where nothing is known. */
  public static final Locality UNKNOWN = new Locality("", "");

  private static final Comparator<Locality> ORDER =
      Comparator.comparing(Locality::region).thenComparing(Locality::zone);

  @Override
  public int compareTo(Locality other) {
    return ORDER.compare(this, other);
  }
}
