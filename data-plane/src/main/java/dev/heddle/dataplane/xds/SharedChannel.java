package dev.heddle.dataplane.xds;

import io.grpc.ManagedChannel;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The connection of the control plane's client for others to use as well: a second one would cost
 * the pod its buffers and the control plane its handshake.
 */
public final class SharedChannel implements ControlPlaneChannel {

  private final ControlPlaneChannel channels;
  private volatile @Nullable ManagedChannel latest;

  public SharedChannel(ControlPlaneChannel channels) {
    this.channels = channels;
  }

  @Override
  public ManagedChannel open(Executor executor) {
    ManagedChannel opened = channels.open(executor);
    latest = opened;
    return opened;
  }

  /** The newest channel; null before the first and while it is being replaced. */
  public @Nullable ManagedChannel current() {
    ManagedChannel channel = latest;
    return channel == null || channel.isShutdown() ? null : channel;
  }
}
