package dev.heddle.smiadapter.state;

import java.util.List;
import java.util.Optional;

/**
 * A name that clients connect to, and the addresses it stands for.
 *
 * @param name the service's name
 * @param addresses its virtual addresses, the primary one first; empty when headless
 * @param ports its TCP ports
 */
public record Service(ObjectName name, List<String> addresses, List<ServicePort> ports) {

  /** Copies the lists. */
  public Service {
    addresses = List.copyOf(addresses);
    ports = List.copyOf(ports);
  }

  /** Whether clients resolve this name to the addresses of the endpoints themselves. */
  public boolean headless() {
    return addresses.isEmpty();
  }

  /** The port of this number, if the service has it. */
  public Optional<ServicePort> port(int number) {
    return ports.stream().filter(port -> port.number() == number).findFirst();
  }
}
