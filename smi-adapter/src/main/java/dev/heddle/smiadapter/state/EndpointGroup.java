package dev.heddle.smiadapter.state;

import java.util.List;
import java.util.Map;

/**
 * A part of a service's endpoints, all with the same ports and of one address family.
 *
 * @param name the name of the group
 * @param service the service it belongs to
 * @param family the family of every address in it
 * @param ports port numbers at the endpoints, by the name of the service port they are for
 * @param endpoints the endpoints
 */
public record EndpointGroup(
    ObjectName name,
    ObjectName service,
    AddressFamily family,
    Map<String, Integer> ports,
    List<Endpoint> endpoints) {

  /** Copies the collections. */
  public EndpointGroup {
    ports = Map.copyOf(ports);
    endpoints = List.copyOf(endpoints);
  }
}
