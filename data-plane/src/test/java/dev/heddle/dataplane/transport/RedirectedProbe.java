package dev.heddle.dataplane.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Runs in a network namespace of its own, redirects what leaves it and prints what the kernel says.
 */
final class RedirectedProbe {
  private static final int PORT = 15001;

  private RedirectedProbe() {}

  public static void main(String[] arguments) throws Exception {
    run("ip", "link", "set", "lo", "up");
    // Addresses of this host, but nobody listens there.
    run("ip", "address", "add", "192.0.2.1/32", "dev", "lo");
    run("ip", "address", "add", "2001:db8::1/128", "dev", "lo");
    run(
        "nft",
        "table inet probe { chain output { type nat hook output priority -100;"
            + " tcp dport { 3306, 8080 } redirect to :"
            + PORT
            + "; }; }");
    BlockingQueue<InetSocketAddress> seen = new LinkedBlockingQueue<>();
    try (Transport transport = Transport.open(1, SocketSettings.DEFAULT)) {
      transport
          .listen(
              new InetSocketAddress(InetAddress.ofLiteral("::"), PORT),
              new ChannelInboundHandlerAdapter(),
              new ChannelInitializer<>() {
                @Override
                protected void initChannel(Channel channel) {
                  channel.pipeline().addLast(new Recorder(seen));
                }
              })
          .sync();
      for (InetSocketAddress destination :
          new InetSocketAddress[] {
            new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 3306),
            new InetSocketAddress(InetAddress.ofLiteral("2001:db8::1"), 8080),
          }) {
        System.out.println("original " + connect(destination, seen));
      }
      InetSocketAddress direct =
          connect(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), PORT), seen);
      System.out.println(
          "original " + direct.getAddress() + ":" + (direct.getPort() == PORT ? "local" : "?"));
    }
  }

  private static InetSocketAddress connect(
      InetSocketAddress destination, BlockingQueue<InetSocketAddress> seen) throws Exception {
    try (Socket socket = new Socket()) {
      socket.connect(destination, 5000);
      InetSocketAddress original = seen.poll(5, TimeUnit.SECONDS);
      if (original == null) {
        throw new IllegalStateException("nothing was accepted for " + destination);
      }
      return original;
    }
  }

  private static void run(String... command) throws IOException, InterruptedException {
    int status = new ProcessBuilder(command).inheritIO().start().waitFor();
    if (status != 0) {
      throw new IOException(String.join(" ", command) + ": status " + status);
    }
  }

  /** Notes the original destination of each connection. */
  private static final class Recorder extends ChannelInboundHandlerAdapter {
    private final BlockingQueue<InetSocketAddress> seen;

    Recorder(BlockingQueue<InetSocketAddress> seen) {
      this.seen = seen;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
      seen.add(OriginalDestination.of(context.channel()));
    }
  }
}
