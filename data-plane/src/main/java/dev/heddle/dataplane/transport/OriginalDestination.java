package dev.heddle.dataplane.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.RawUnixChannelOption;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/**
 * Where a client meant to go before the kernel redirected its connection: socket option
 * SO_ORIGINAL_DST of netfilter (linux/netfilter_ipv4.h, linux/netfilter_ipv6/ip6_tables.h), a
 * {@code sockaddr_in} or {@code sockaddr_in6}.
 */
public final class OriginalDestination {
  private static final int SO_ORIGINAL_DST = 80;
  private static final int SOL_IP = 0;
  private static final int SOL_IPV6 = 41;
  private static final int PORT = 2;
  private static final int IPV4_ADDRESS = 4;
  private static final int IPV6_ADDRESS = 8;

  private static final RawUnixChannelOption IPV4 =
      new RawUnixChannelOption("HEDDLE_SO_ORIGINAL_DST", SOL_IP, SO_ORIGINAL_DST, 16);
  private static final RawUnixChannelOption IPV6 =
      new RawUnixChannelOption("HEDDLE_IP6T_SO_ORIGINAL_DST", SOL_IPV6, SO_ORIGINAL_DST, 28);

  private OriginalDestination() {}

  /**
   * The original destination of an accepted connection; its local address where nothing was
   * redirected.
   *
   * @throws ChannelException if the connection is closed already
   */
  public static InetSocketAddress of(Channel channel) {
    if (!(channel.localAddress() instanceof InetSocketAddress local)) {
      throw new ChannelException("local address: " + channel.localAddress() + " (expected: IP)");
    }
    if (!(channel instanceof EpollSocketChannel socket)) {
      return local;
    }
    // Netty shows an IPv4 client of a dual-stack socket as IPv4 already.
    boolean ipv4 = local.getAddress() instanceof Inet4Address;
    try {
      ByteBuffer address = socket.config().getOption(ipv4 ? IPV4 : IPV6);
      return address == null ? local : parse(address, ipv4 ? IPV4_ADDRESS : IPV6_ADDRESS, ipv4);
    } catch (ChannelException e) {
      // ENOENT: connection tracking knows of no redirect; ENOPROTOOPT: it is not loaded.
      return local;
    }
  }

  static InetSocketAddress parse(ByteBuffer address, int offset, boolean ipv4) {
    byte[] bytes = new byte[ipv4 ? 4 : 16];
    address.get(offset, bytes);
    int port = Short.toUnsignedInt(address.getShort(PORT));
    try {
      // Turns an IPv4-mapped address into the IPv4 address it stands for.
      return new InetSocketAddress(InetAddress.getByAddress(bytes), port);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("address of " + bytes.length + " bytes", e);
    }
  }
}
