package dev.heddle.dataplane.http.harness;

import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.upstream.PickedEndpoint;
import dev.heddle.dataplane.upstream.UpstreamConnectException;
import dev.heddle.dataplane.upstream.UpstreamConnector;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import org.jspecify.annotations.Nullable;

/** Connects without TLS. */
final class PlainConnector implements UpstreamConnector {
  @Override
  public Future<Channel> connect(
      EventLoop eventLoop, PickedEndpoint endpoint, @Nullable HttpProtocol protocol) {
    Promise<Channel> promise = eventLoop.newPromise();
    ChannelFuture connected =
        new Bootstrap()
            .group(eventLoop)
            .channel(NioSocketChannel.class)
            .option(ChannelOption.AUTO_READ, false)
            .handler(new ChannelInboundHandlerAdapter())
            .connect(endpoint.endpoint().address());
    connected.addListener(done -> {
      if (done.isSuccess()) {
        promise.setSuccess(connected.channel());
      } else {
        promise.setFailure(
            new UpstreamConnectException(
                UpstreamConnectException.Reason.REFUSED,
                String.valueOf(done.cause().getMessage()),
                done.cause()));
      }
    });
    return promise;
  }
}
