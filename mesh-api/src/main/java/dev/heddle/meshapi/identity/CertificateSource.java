package dev.heddle.meshapi.identity;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.List;

/** Where a {@link WorkloadIdentity} gets its certificates. */
interface CertificateSource {
  /**
   * Obtains a certificate over a new key. Blocks for a bounded time.
   *
   * @param trustAnchors what the CA is verified with
   * @throws CertificateUnavailableException if the CA refuses or cannot be reached
   * @throws IOException if the token cannot be read
   * @throws GeneralSecurityException if the answer is no certificate for this workload
   */
  WorkloadCertificate obtain(List<X509Certificate> trustAnchors)
      throws CertificateUnavailableException, IOException, GeneralSecurityException;
}
