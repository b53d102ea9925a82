package dev.heddle.dataplane.xds.translation;

import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** envoy.config.core.v3.Address. */
public final class AddressTranslator {

  private AddressTranslator() {}

  /** An IP address and port. */
  public static InetSocketAddress resolved(Address address, FieldPath path) {
    InetSocketAddress translated = resolvedOrName(address, path);
    if (translated.isUnresolved()) {
      throw path.field("socket_address")
          .field("address")
          .invalid(translated.getHostString(), "an IP address");
    }
    return translated;
  }

  /** An IP address, or a host name left unresolved, and port. */
  static InetSocketAddress resolvedOrName(Address address, FieldPath path) {
    path.allowOnly(address, Set.of("socket_address"));
    if (!address.hasSocketAddress()) {
      throw path.invalid(address, "a socket_address");
    }
    SocketAddress socket = address.getSocketAddress();
    FieldPath at = path.field("socket_address");
    at.allowOnly(socket, Set.of("protocol", "address", "port_value"), Set.of("ipv4_compat"));
    if (socket.getProtocol() != SocketAddress.Protocol.TCP) {
      throw at.field("protocol").invalid(socket.getProtocol(), "TCP");
    }
    int port = socket.getPortValue();
    if (port < 0 || port > 65535) {
      throw at.field("port_value").invalid(Integer.toUnsignedString(port), "0 to 65535");
    }
    if (socket.getAddress().isEmpty()) {
      throw at.field("address").invalid("\"\"", "an address");
    }
    @Nullable InetAddress ip = NetUtil.createInetAddressFromIpAddressString(socket.getAddress());
    return ip == null
        ? InetSocketAddress.createUnresolved(socket.getAddress(), port)
        : new InetSocketAddress(ip, port);
  }
}
