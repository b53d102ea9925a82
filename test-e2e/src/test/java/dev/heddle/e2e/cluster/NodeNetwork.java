package dev.heddle.e2e.cluster;

import java.util.ArrayList;
import java.util.List;

/**
 * Runs programs of this machine, {@code tcpdump} for one, in a node's network namespace.
 *
 * @param entry the command that enters the namespace and runs what follows it
 * @param bridge the device that all pods of the node are attached to
 */
public record NodeNetwork(List<String> entry, String bridge) {

  public NodeNetwork {
    entry = List.copyOf(entry);
  }

  /** A process, not yet started, that runs the command in the node's network namespace. */
  public ProcessBuilder process(String... command) {
    List<String> whole = new ArrayList<>(entry);
    whole.addAll(List.of(command));
    return new ProcessBuilder(whole);
  }
}
