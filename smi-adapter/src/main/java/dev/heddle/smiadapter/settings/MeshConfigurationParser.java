package dev.heddle.smiadapter.settings;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads {@code mesh.yaml}. Fields it does not know are left alone, so that the operator may be
 * newer.
 */
public final class MeshConfigurationParser {
  private static final int MAX_CONCURRENCY = 64;
  private static final int MAX_DRAIN_SECONDS = 3600;
  private static final Duration SHORTEST_WINDOW = Duration.ofSeconds(5);
  private static final String WINDOW = "an ISO-8601 duration from PT5S to PT10M";
  private static final Duration LONGEST_WINDOW = Duration.ofMinutes(10);

  private final ObjectMapper mapper = new ObjectMapper(new YAMLFactory());

  /**
   * Reads and checks everything that injection needs.
   *
   * @throws InvalidConfigurationException naming the field
   */
  public MeshConfiguration parse(String yaml) throws InvalidConfigurationException {
    JsonNode root;
    try {
      root = mapper.readTree(yaml);
    } catch (JsonProcessingException e) {
      throw new InvalidConfigurationException("mesh.yaml: " + e.getOriginalMessage(), e);
    }
    if (!root.isObject()) {
      throw new InvalidConfigurationException("mesh.yaml: empty (expected: the mesh's settings)");
    }
    JsonNode proxy = root.path("proxy");
    return new MeshConfiguration(
        text(root, "", "trustDomain"),
        oneOf(root, "", "foreignTrafficTargets", "refused", "refused", "allowed").equals("allowed"),
        new ProxySettings(
            text(proxy, "proxy.", "image"),
            oneOf(
                proxy,
                "proxy.",
                "imagePullPolicy",
                "IfNotPresent",
                "IfNotPresent",
                "Always",
                "Never"),
            integer(proxy, "concurrency", 1, 1, MAX_CONCURRENCY),
            accessLog(proxy),
            oneOf(proxy, "proxy.", "logLevel", "info", "error", "warn", "info", "debug"),
            integer(proxy, "drainTimeoutSeconds", 30, 0, MAX_DRAIN_SECONDS),
            quantities(proxy, "requests"),
            quantities(proxy, "limits"),
            ports(proxy, "skipInboundPorts"),
            ports(proxy, "skipOutboundPorts")),
        metricsWindow(root));
  }

  private static Duration metricsWindow(JsonNode root) throws InvalidConfigurationException {
    JsonNode node = root.path("metricsWindow");
    if (node.isMissingNode() || node.isNull()) {
      return MeshConfiguration.DEFAULT_METRICS_WINDOW;
    }
    try {
      Duration window = Duration.parse(node.asText());
      if (window.compareTo(SHORTEST_WINDOW) >= 0 && window.compareTo(LONGEST_WINDOW) <= 0) {
        return window;
      }
    } catch (DateTimeParseException _) {
      throw unexpected("metricsWindow", node, WINDOW);
    }
    throw unexpected("metricsWindow", node, WINDOW);
  }

  private static String text(JsonNode parent, String prefix, String name)
      throws InvalidConfigurationException {
    JsonNode node = parent.path(name);
    if (!node.isTextual() || node.asText().isBlank()) {
      throw unexpected(prefix + name, node, "a text");
    }
    return node.asText();
  }

  private static String oneOf(
      JsonNode parent, String prefix, String name, String otherwise, String... allowed)
      throws InvalidConfigurationException {
    JsonNode node = parent.path(name);
    if (node.isMissingNode() || node.isNull()) {
      return otherwise;
    }
    if (!List.of(allowed).contains(node.asText())) {
      throw unexpected(prefix + name, node, "one of " + String.join(", ", allowed));
    }
    return node.asText();
  }

  /** YAML 1.1 reads a bare {@code off} as false, so both mean the same here. */
  private static String accessLog(JsonNode proxy) throws InvalidConfigurationException {
    return proxy.path("accessLog").isBoolean() && !proxy.path("accessLog").booleanValue()
        ? "off"
        : oneOf(proxy, "proxy.", "accessLog", "off", "off", "json");
  }

  private static int integer(JsonNode proxy, String name, int otherwise, int least, int most)
      throws InvalidConfigurationException {
    JsonNode node = proxy.path(name);
    if (node.isMissingNode() || node.isNull()) {
      return otherwise;
    }
    if (!node.isInt() || node.intValue() < least || node.intValue() > most) {
      throw unexpected("proxy." + name, node, "a whole number from " + least + " to " + most);
    }
    return node.intValue();
  }

  private static Map<String, Quantity> quantities(JsonNode proxy, String kind)
      throws InvalidConfigurationException {
    Map<String, Quantity> quantities = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : proxy.path("resources").path(kind).properties()) {
      String field = "proxy.resources." + kind + "." + entry.getKey();
      try {
        Quantity quantity = Quantity.parse(entry.getValue().asText());
        if (quantity.getNumericalAmount().compareTo(BigDecimal.ZERO) < 0) {
          throw unexpected(field, entry.getValue(), "a quantity >= 0");
        }
        quantities.put(entry.getKey(), quantity);
      } catch (IllegalArgumentException e) {
        throw unexpected(field, entry.getValue(), "a quantity such as 50m or 64Mi");
      }
    }
    return quantities;
  }

  private static List<PortRange> ports(JsonNode proxy, String name)
      throws InvalidConfigurationException {
    JsonNode node = proxy.path(name);
    if (node.isMissingNode() || node.isNull()) {
      return List.of();
    }
    if (!node.isArray()) {
      throw unexpected("proxy." + name, node, "a list of ports and ranges a-b");
    }
    List<PortRange> ports = new ArrayList<>();
    for (int i = 0; i < node.size(); i++) {
      try {
        ports.add(PortRange.parse(node.get(i).asText()));
      } catch (IllegalArgumentException e) {
        throw new InvalidConfigurationException(
            "proxy." + name + "[" + i + "]: " + e.getMessage(), e);
      }
    }
    return ports;
  }

  private static InvalidConfigurationException unexpected(
      String field, JsonNode value, String expected) {
    String found = value instanceof MissingNode ? "missing" : value.toString();
    return new InvalidConfigurationException(
        field + ": " + found + " (expected: " + expected + ")");
  }
}
