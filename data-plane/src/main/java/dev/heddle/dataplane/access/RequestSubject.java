package dev.heddle.dataplane.access;

import dev.heddle.dataplane.config.RouteConfiguration.HeaderMatch;
import dev.heddle.dataplane.config.RouteConfiguration.ValueMatch;

/** What access rules ask about a request. */
public interface RequestSubject {

  boolean hasHeader(HeaderMatch match);

  /** On the path without its query. */
  boolean hasPath(ValueMatch match);
}
