package dev.heddle.dataplane.twin;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;

/** A proxy that serves by a bootstrap file. */
public interface TwinProxy extends AutoCloseable {

  /** Where a listener is bound; waits until it is. */
  InetSocketAddress address(String listener) throws Exception;

  @Override
  void close() throws IOException;

  /** Starts one. */
  @FunctionalInterface
  interface Starter {
    /**
     * Starts it.
     *
     * @param bootstrap the file
     * @param directory for what the process writes
     */
    TwinProxy start(Path bootstrap, Path directory) throws Exception;
  }
}
