package dev.heddle.dataplane.transport;

import io.netty.channel.Channel;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the sockets. A socket comes into being in the constructor of its channel, on the calling
 * thread, and stays in the network namespace that the thread is in then.
 */
sealed interface SocketFactory {

  IoHandlerFactory ioHandlers();

  ServerChannel serverSocket();

  Channel socket();

  /** Epoll where there is one; NIO, with a warning, on development machines without. */
  static SocketFactory best() {
    if (Epoll.isAvailable()) {
      return new EpollSockets();
    }
    Logger logger = LoggerFactory.getLogger(SocketFactory.class);
    logger
        .atWarn()
        .setCause(Epoll.unavailabilityCause())
        .log("no epoll here: sockets by NIO, original destinations cannot be seen");
    return new NioSockets();
  }

  /** Sockets of Linux. */
  record EpollSockets() implements SocketFactory {
    @Override
    public IoHandlerFactory ioHandlers() {
      return RenewingEpollHandler.newFactory();
    }

    @Override
    public ServerChannel serverSocket() {
      return new EpollServerSocketChannel();
    }

    @Override
    public Channel socket() {
      return new EpollSocketChannel();
    }
  }

  /** Sockets of the JDK. */
  record NioSockets() implements SocketFactory {
    @Override
    public IoHandlerFactory ioHandlers() {
      return NioIoHandler.newFactory();
    }

    @Override
    public ServerChannel serverSocket() {
      return new NioServerSocketChannel();
    }

    @Override
    public Channel socket() {
      return new NioSocketChannel();
    }
  }
}
