package dev.heddle.smiadapter.state;

/** What happens to traffic that nothing grants. */
public enum AccessControl {
  /** It is let through. */
  PERMISSIVE,
  /** It is refused. */
  ENFORCED
}
