package dev.heddle.dataplane.xds;

/**
 * Told what becomes of listeners that were asked for. Called on the client's thread; must not
 * block.
 */
public interface ListenerWatcher {

  /** It is in the live configuration from now on, perhaps in a newer version. */
  void published(String listener);

  /** The control plane says that there is none. */
  void absent(String listener);

  /** The control plane cannot be asked at the moment. */
  void unreachable(String reason);
}
