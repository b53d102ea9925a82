package dev.heddle.smiadapter.state;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * Conditions on HTTP requests that others refer to, by the name of the group and their own.
 *
 * @param source the object of the user that says so
 * @param matches the conditions by name; a request is of the group when any of them holds
 */
public record RouteGroup(ObjectReference source, Map<String, RequestMatch> matches) {

  /** Copies the map, sorted by name. */
  public RouteGroup {
    matches = Collections.unmodifiableMap(new TreeMap<>(matches));
  }
}
