package dev.heddle.ca.signing;

/** Where the service counts what it does. Must not block. */
public interface SigningMetrics {
  void signed();

  void refused(Refusal refusal);
}
