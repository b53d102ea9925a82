package dev.heddle.dataplane;

import dev.heddle.dataplane.config.LiveConfiguration;
import dev.heddle.dataplane.config.ProxyConfiguration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** The configuration that serves now: what the proxy began with, and what it was told since. */
final class PublishedConfiguration implements LiveConfiguration {

  private final ProxyConfiguration fixed;
  private final List<Consumer<ProxyConfiguration>> listeners = new CopyOnWriteArrayList<>();
  private volatile ProxyConfiguration current;

  /**
   * Serves by the fixed part alone at first.
   *
   * @param fixed wins over what has the same name
   */
  PublishedConfiguration(ProxyConfiguration fixed) {
    this.fixed = fixed;
    this.current = merge(ProxyConfiguration.EMPTY, 1);
  }

  @Override
  public ProxyConfiguration current() {
    return current;
  }

  /** Tells of every configuration from the current one on. */
  synchronized void onChange(Consumer<ProxyConfiguration> listener) {
    listeners.add(listener);
    listener.accept(current);
  }

  synchronized void publish(ProxyConfiguration told) {
    ProxyConfiguration next = merge(told, current.version() + 1);
    current = next;
    for (Consumer<ProxyConfiguration> listener : listeners) {
      listener.accept(next);
    }
  }

  private ProxyConfiguration merge(ProxyConfiguration told, long version) {
    return new ProxyConfiguration(
        version,
        merge(told.listeners(), fixed.listeners()),
        merge(told.routes(), fixed.routes()),
        merge(told.clusters(), fixed.clusters()),
        merge(told.endpoints(), fixed.endpoints()));
  }

  private static <T> Map<String, T> merge(Map<String, T> told, Map<String, T> fixed) {
    Map<String, T> merged = new HashMap<>(told);
    merged.putAll(fixed);
    return merged;
  }
}
