package dev.heddle.dataplane.xds;

import io.grpc.ManagedChannel;
import java.util.concurrent.Executor;

/** Opens connections to the control plane. */
@FunctionalInterface
public interface ControlPlaneChannel {

  /**
   * A new channel; it connects when it is first used.
   *
   * @param executor runs the callbacks of its calls
   */
  ManagedChannel open(Executor executor);
}
