package dev.heddle.smiadapter.translate;

import dev.heddle.smiadapter.state.AddressFamily;
import dev.heddle.smiadapter.state.ObjectName;

/** The names of resources, which proxies ask for. Changing one changes a contract. */
final class ResourceNames {

  /** The app in the proxy's own pod. */
  static final String ORIGINAL_DESTINATION = "inbound/original-destination";

  /** A destination without endpoints: where traffic goes that a split gives to nobody. */
  static final String NO_BACKEND = "outbound/no-backend";

  private ResourceNames() {}

  /** Cluster, endpoints and routes of a port of a service. */
  static String service(ObjectName service, int port) {
    return "outbound/" + service + ":" + port;
  }

  /** Listener for traffic to an address. */
  static String outboundListener(String address, int port) {
    return "outbound/" + authority(address, port);
  }

  /** Cluster, and routes if any, of one address, for traffic whose sender has chosen it already. */
  static String address(String address, int port) {
    return "address/" + authority(address, port);
  }

  /** Listener for traffic to a workload. */
  static String inboundListener(ObjectName workload) {
    return "inbound/" + workload;
  }

  private static String authority(String address, int port) {
    return switch (AddressFamily.of(address)) {
      case IPV4 -> address + ":" + port;
      case IPV6 -> "[" + address + "]:" + port;
    };
  }
}
