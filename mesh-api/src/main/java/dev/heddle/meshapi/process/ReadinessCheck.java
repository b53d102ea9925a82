package dev.heddle.meshapi.process;

import java.util.Optional;

/**
 * One thing that must hold before a process is ready. Asked often and by several threads: must not
 * block.
 */
@FunctionalInterface
public interface ReadinessCheck {
  /** Why it does not hold, as a sentence for the operator; empty if it holds. */
  Optional<String> missing();
}
