package dev.heddle.ca.signing;

import io.netty.channel.Channel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A server socket that closes at once what it accepts above a number of open connections: gRPC
 * itself bounds what a connection may do, but not how many there are, and anybody in the cluster
 * can reach the CA before proving anything.
 */
final class LimitedServerChannel extends NioServerSocketChannel {
  private final int most;
  private final AtomicInteger open = new AtomicInteger();

  LimitedServerChannel(int most) {
    this.most = most;
  }

  @Override
  protected int doReadMessages(List<Object> messages) throws Exception {
    int before = messages.size();
    int read = super.doReadMessages(messages);
    for (int i = messages.size() - 1; i >= before; i--) {
      Channel accepted = (Channel) messages.get(i);
      if (open.incrementAndGet() > most) {
        open.decrementAndGet();
        messages.remove(i);
        // Not registered with an event loop yet, so closed the way an unregistered channel is.
        accepted.unsafe().closeForcibly();
        read--;
      } else {
        accepted.closeFuture().addListener(closed -> open.decrementAndGet());
      }
    }
    return Math.max(read, 0);
  }
}
