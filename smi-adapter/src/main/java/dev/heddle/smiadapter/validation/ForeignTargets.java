package dev.heddle.smiadapter.validation;

/** What a mesh says of TrafficTargets outside the namespace of their destination. */
public enum ForeignTargets {
  /** They are refused, so that nobody grants himself access. */
  REFUSED,
  /** They grant access like any other. */
  ALLOWED
}
