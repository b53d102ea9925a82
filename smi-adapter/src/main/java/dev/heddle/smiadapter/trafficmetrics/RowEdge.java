package dev.heddle.smiadapter.trafficmetrics;

import dev.heddle.smiadapter.telemetry.Side;

/**
 * What part of an object's traffic a row is about.
 *
 * @param direction seen from the object
 * @param side who measured
 * @param resource the other end; {@link Reference#ANYTHING} for all traffic of that direction
 */
public record RowEdge(Direction direction, Side side, Reference resource) {

  /** Which way requests go, seen from the object that a row is about. */
  public enum Direction {
    /** Requests that it receives. */
    FROM,
    /** Requests that it sends. */
    TO
  }
}
