package dev.heddle.dataplane.transport;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.util.concurrent.ThreadAwareExecutor;

/**
 * Netty's epoll handler, for sockets that stop waiting for anything and later wait again.
 *
 * <p>A half-closed socket with nothing queued waits for no event, and Netty (4.2.13 to 4.2.20 at
 * least) takes it out of the epoll set then, but believes it still there: as soon as a peer that
 * reads slowly makes it wait for room, EPOLL_CTL_MOD fails with ENOENT and what was queued is lost.
 * Here a socket that waits for nothing gets a new registration, which adds it to the set again when
 * there is something to wait for.
 */
final class RenewingEpollHandler implements IoHandler {
  private final IoHandler epoll;

  private RenewingEpollHandler(IoHandler epoll) {
    this.epoll = epoll;
  }

  static IoHandlerFactory newFactory() {
    return new Factory(EpollIoHandler.newFactory());
  }

  @Override
  public void initialize() {
    epoll.initialize();
  }

  @Override
  public int run(IoHandlerContext context) {
    return epoll.run(context);
  }

  @Override
  public void prepareToDestroy() {
    epoll.prepareToDestroy();
  }

  @Override
  public void destroy() {
    epoll.destroy();
  }

  @Override
  public IoRegistration register(IoHandle handle) throws Exception {
    return new Registration(handle, epoll.register(handle));
  }

  @Override
  public void wakeup() {
    epoll.wakeup();
  }

  @Override
  public boolean isCompatible(Class<? extends IoHandle> handleType) {
    return epoll.isCompatible(handleType);
  }

  private record Factory(IoHandlerFactory epoll) implements IoHandlerFactory {
    @Override
    public IoHandler newHandler(ThreadAwareExecutor executor) {
      return new RenewingEpollHandler(epoll.newHandler(executor));
    }

    @Override
    public boolean isChangingThreadSupported() {
      return epoll.isChangingThreadSupported();
    }
  }

  /**
   * What a socket waits for: changed on its event loop, cancelled and asked after on any thread.
   */
  private final class Registration implements IoRegistration {
    private final IoHandle handle;
    private IoRegistration current;

    Registration(IoHandle handle, IoRegistration first) {
      this.handle = handle;
      this.current = first;
    }

    @Override
    @SuppressWarnings("TypeParameterUnusedInFormals") // As the interface has it.
    public synchronized <T> T attachment() {
      return current.attachment();
    }

    @Override
    public synchronized long submit(IoOps ops) {
      if (EpollIoOps.NONE.equals(ops) && current.cancel()) {
        current = renewed();
      }
      return current.submit(ops);
    }

    @Override
    public synchronized boolean isValid() {
      return current.isValid();
    }

    @Override
    public synchronized boolean cancel() {
      return current.cancel();
    }

    private IoRegistration renewed() {
      try {
        return epoll.register(handle);
      } catch (Exception e) {
        throw new IllegalStateException("a socket registered before cannot be registered again", e);
      }
    }
  }
}
