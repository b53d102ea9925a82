package dev.heddle.smiadapter.injection;

import dev.heddle.smiadapter.settings.PortRange;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The rule set that sends a pod's TCP through its proxy, for IPv4 and IPv6 alike (family {@code
 * inet}). It is one transaction that first removes what an earlier run of the init container left.
 */
final class RedirectRules {
  static final int OUTBOUND_PORT = 15001;
  static final int INBOUND_PORT = 15006;
  static final int HEALTH_PORT = 15020;

  /** What the proxy runs as: its own connections must not come back to it. */
  static final int PROXY_USER = 15000;

  private RedirectRules() {}

  static String of(List<PortRange> skipInbound, List<PortRange> skipOutbound) {
    List<PortRange> inbound = new ArrayList<>(skipInbound);
    inbound.add(new PortRange(HEALTH_PORT, HEALTH_PORT));
    return """
    add table inet heddle
    delete table inet heddle
    table inet heddle {
      chain inbound {
        type nat hook prerouting priority -100; policy accept;
        iifname "lo" return
    %s    meta l4proto tcp redirect to :%d
      }
      chain outbound {
        type nat hook output priority -100; policy accept;
        meta skuid %d return
        oifname "lo" return
    %s    meta l4proto tcp redirect to :%d
      }
    }
    """
        .formatted(skip(inbound), INBOUND_PORT, PROXY_USER, skip(skipOutbound), OUTBOUND_PORT);
  }

  private static String skip(List<PortRange> ports) {
    if (ports.isEmpty()) {
      return "";
    }
    return "    tcp dport { "
        + merged(ports).stream().map(PortRange::toString).collect(Collectors.joining(", "))
        + " } return\n";
  }

  /** A set refuses intervals that overlap. */
  private static List<PortRange> merged(List<PortRange> ports) {
    List<PortRange> sorted = new ArrayList<>(ports);
    sorted.sort(Comparator.comparingInt(PortRange::first));
    List<PortRange> merged = new ArrayList<>();
    for (PortRange range : sorted) {
      PortRange last = merged.isEmpty() ? null : merged.getLast();
      if (last != null && range.first() <= last.last() + 1) {
        merged.set(
            merged.size() - 1, new PortRange(last.first(), Math.max(last.last(), range.last())));
      } else {
        merged.add(range);
      }
    }
    return merged;
  }
}
