package dev.heddle.smiadapter.translate;

import dev.heddle.smiadapter.state.RequestMatch;
import java.util.List;

/** What a grant lets through, once everything it refers to is looked up. */
sealed interface GrantedTraffic {

  /** Nothing at all. */
  record Nothing() implements GrantedTraffic {}

  /** Every connection and every request on these ports. */
  record Everything(PortLimit ports) implements GrantedTraffic {}

  /** Requests on these ports that fulfil any of the conditions, of which there is at least one. */
  record Requests(List<RequestMatch> matches, PortLimit ports) implements GrantedTraffic {
    /** Copies the list. */
    public Requests {
      matches = List.copyOf(matches);
    }
  }
}
