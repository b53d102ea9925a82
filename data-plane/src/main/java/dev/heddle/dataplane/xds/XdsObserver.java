package dev.heddle.dataplane.xds;

/** Counts what the client of the control plane does. Called on its thread. */
public interface XdsObserver {

  void connected();

  void disconnected();

  void accepted(ResourceType type, int resources);

  void rejected(ResourceType type, int resources);

  /** The last good resources could not be kept or read. */
  void keepingFailed();
}
