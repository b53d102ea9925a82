package dev.heddle.dataplane.twin;

import java.util.List;
import java.util.Map;

/**
 * What came of one request.
 *
 * @param number of the repetition
 * @param received by each app, attempt by attempt
 */
record TwinObservation(
    TwinCase.Exchange exchange,
    int number,
    TwinResponse response,
    Map<String, List<TwinApp.Request>> received) {

  TwinObservation {
    received = Map.copyOf(received);
  }
}
