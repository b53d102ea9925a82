package dev.heddle.dataplane.config;

import java.util.ArrayList;
import java.util.List;

/** What is changed in headers, in this order. */
public record HeaderMutations(List<HeaderMutation> request, List<HeaderMutation> response) {

  public static final HeaderMutations NONE = new HeaderMutations(List.of(), List.of());

  public HeaderMutations {
    request = List.copyOf(request);
    response = List.copyOf(response);
  }

  public HeaderMutations then(HeaderMutations next) {
    if (isEmpty()) {
      return next;
    }
    return next.isEmpty()
        ? this
        : new HeaderMutations(joined(request, next.request), joined(response, next.response));
  }

  public boolean isEmpty() {
    return request.isEmpty() && response.isEmpty();
  }

  private static List<HeaderMutation> joined(
      List<HeaderMutation> first, List<HeaderMutation> second) {
    List<HeaderMutation> both = new ArrayList<>(first);
    both.addAll(second);
    return both;
  }
}
