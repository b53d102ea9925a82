package dev.heddle.dataplane.http.route;

import dev.heddle.dataplane.access.RequestSubject;
import dev.heddle.dataplane.config.RouteConfiguration.HeaderMatch;
import dev.heddle.dataplane.config.RouteConfiguration.ValueMatch;
import dev.heddle.dataplane.http.message.RequestHead;

/** A request as access rules see it. */
public record AccessedRequest(RequestHead head) implements RequestSubject {

  @Override
  public boolean hasHeader(HeaderMatch match) {
    return RequestMatcher.headerMatches(match, head);
  }

  @Override
  public boolean hasPath(ValueMatch match) {
    return match.matches(head.path().substring(0, head.pathLength()));
  }
}
