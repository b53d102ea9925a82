package dev.heddle.smiadapter.injection;

import dev.heddle.smiadapter.settings.PortRange;
import dev.heddle.smiadapter.settings.ProxySettings;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Applies what a pod's annotations ask for to the mesh's settings of proxies. */
final class PodAnnotations {
  static final String SKIP_INBOUND_PORTS = "heddle.dev/skip-inbound-ports";
  static final String SKIP_OUTBOUND_PORTS = "heddle.dev/skip-outbound-ports";
  static final String CPU_REQUEST = "heddle.dev/proxy-cpu-request";
  static final String MEMORY_REQUEST = "heddle.dev/proxy-memory-request";
  static final String MEMORY_LIMIT = "heddle.dev/proxy-memory-limit";
  static final String ACCESS_LOG = "heddle.dev/access-log";

  /** The marker left in an injected pod: the image. */
  static final String INJECTED = "heddle.dev/injected";

  private static final String CPU = "cpu";
  private static final String MEMORY = "memory";

  private PodAnnotations() {}

  /**
   * The settings of one pod's proxy.
   *
   * @throws RefusedException naming annotation, value and what was expected
   */
  static ProxySettings apply(ProxySettings mesh, Map<String, String> annotations)
      throws RefusedException {
    Map<String, Quantity> requests = new HashMap<>(mesh.requests());
    Map<String, Quantity> limits = new HashMap<>(mesh.limits());
    quantity(annotations, CPU_REQUEST, CPU, requests);
    quantity(annotations, MEMORY_REQUEST, MEMORY, requests);
    quantity(annotations, MEMORY_LIMIT, MEMORY, limits);
    requireWithinLimit(annotations, requests, limits);
    String accessLog = annotations.getOrDefault(ACCESS_LOG, mesh.accessLog());
    if (!accessLog.equals("off") && !accessLog.equals("json")) {
      throw refused(ACCESS_LOG, accessLog, "off or json");
    }
    return new ProxySettings(
        mesh.image(),
        mesh.imagePullPolicy(),
        mesh.concurrency(),
        accessLog,
        mesh.logLevel(),
        mesh.drainTimeoutSeconds(),
        requests,
        limits,
        ports(mesh.skipInboundPorts(), annotations, SKIP_INBOUND_PORTS),
        ports(mesh.skipOutboundPorts(), annotations, SKIP_OUTBOUND_PORTS));
  }

  private static void quantity(
      Map<String, String> annotations,
      String annotation,
      String resource,
      Map<String, Quantity> quantities)
      throws RefusedException {
    String text = annotations.get(annotation);
    if (text == null) {
      return;
    }
    String expected = "a quantity above 0, such as 50m or 64Mi";
    try {
      Quantity quantity = Quantity.parse(text);
      if (quantity.getNumericalAmount().compareTo(BigDecimal.ZERO) <= 0) {
        throw refused(annotation, text, expected);
      }
      quantities.put(resource, quantity);
    } catch (IllegalArgumentException e) {
      throw refused(annotation, text, expected);
    }
  }

  private static void requireWithinLimit(
      Map<String, String> annotations, Map<String, Quantity> requests, Map<String, Quantity> limits)
      throws RefusedException {
    Quantity request = requests.get(MEMORY);
    Quantity limit = limits.get(MEMORY);
    if (request != null
        && limit != null
        && request.getNumericalAmount().compareTo(limit.getNumericalAmount()) > 0) {
      boolean asked = annotations.containsKey(MEMORY_REQUEST);
      throw refused(
          asked ? MEMORY_REQUEST : MEMORY_LIMIT,
          (asked ? request : limit).toString(),
          asked ? "at most the limit of " + limit : "at least the request of " + request);
    }
  }

  private static List<PortRange> ports(
      List<PortRange> mesh, Map<String, String> annotations, String annotation)
      throws RefusedException {
    String text = annotations.get(annotation);
    if (text == null || text.isBlank()) {
      return mesh;
    }
    List<PortRange> ports = new ArrayList<>(mesh);
    for (String part : text.split(",", -1)) {
      try {
        ports.add(PortRange.parse(part.strip()));
      } catch (IllegalArgumentException e) {
        throw refused(
            annotation, text, "ports and ranges a-b from 1 to 65535, with commas between");
      }
    }
    return ports;
  }

  private static RefusedException refused(String annotation, String value, String expected) {
    return new RefusedException(
        "annotation " + annotation + ": " + value + " (expected: " + expected + ")");
  }
}
