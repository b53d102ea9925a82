package dev.heddle.meshapi.identity;

import java.time.Instant;

/** Where a {@link WorkloadIdentity} counts what it does. Called on its thread; must not block. */
public interface IdentityMetrics {
  /** Counts nothing. */
  IdentityMetrics NONE =
      new IdentityMetrics() {
        @Override
        public void renewed(Instant notAfter) {}

        @Override
        public void renewalFailed() {}
      };

  /** A certificate was obtained, which ends to be valid at the time given. */
  void renewed(Instant notAfter);

  /** An attempt to obtain a certificate failed. */
  void renewalFailed();
}
