package dev.heddle.smiadapter.validation;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** What a TCPRoute and a UDPRoute must be. */
final class PortRules {
  private static final int LARGEST = 65_535;

  private PortRules() {}

  static List<Mistake> mistakes(JsonNode spec) {
    List<Mistake> mistakes = new ArrayList<>();
    JsonNode ports = spec.path("matches").path("ports");
    for (int i = 0; i < ports.size(); i++) {
      JsonNode port = ports.path(i);
      if (!port.canConvertToInt()
          || !port.isIntegralNumber()
          || port.intValue() < 1
          || port.intValue() > LARGEST) {
        mistakes.add(
            Mistake.of("spec.matches.ports[" + i + "]", port, "a port from 1 to " + LARGEST));
      }
    }
    return mistakes;
  }
}
