package dev.heddle.dataplane.config;

/**
 * Where the data path reads the configuration that serves now. Lock-free; callable on any thread.
 */
@FunctionalInterface
public interface LiveConfiguration {
  ProxyConfiguration current();
}
