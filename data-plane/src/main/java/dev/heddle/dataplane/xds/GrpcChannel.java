package dev.heddle.dataplane.xds;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Channels to a control plane, on the proxy's own event loops: no threads of gRPC's own, and no
 * pool of its own either, which would keep 2 MB for a message now and then.
 *
 * @param host a name or an address, IPv6 in brackets
 * @param tls null for plaintext
 */
public record GrpcChannel(
    String host, int port, @Nullable SslContext tls, EventLoopGroup eventLoops)
    implements ControlPlaneChannel {

  /** Bytes of one response: bounds what a control plane can make the proxy hold. */
  private static final int MAX_RESPONSE_SIZE = 16 << 20;

  private static final long KEEP_ALIVE_SECONDS = 30;
  private static final long KEEP_ALIVE_TIMEOUT_SECONDS = 10;

  @Override
  public ManagedChannel open(Executor executor) {
    NettyChannelBuilder builder =
        NettyChannelBuilder.forTarget("dns:///" + host + ":" + port)
            .eventLoopGroup(eventLoops)
            .channelType(channelType())
            .withOption(ChannelOption.ALLOCATOR, UnpooledByteBufAllocator.DEFAULT)
            .executor(executor)
            .proxyDetector(address -> null)
            .disableRetry()
            .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
            .keepAliveTimeout(KEEP_ALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
            .maxInboundMessageSize(MAX_RESPONSE_SIZE);
    return tls == null ? builder.usePlaintext().build() : builder.sslContext(tls).build();
  }

  private static Class<? extends Channel> channelType() {
    return Epoll.isAvailable() ? EpollSocketChannel.class : NioSocketChannel.class;
  }
}
