package dev.heddle.dataplane;

import dev.heddle.meshapi.identity.Pem;
import dev.heddle.meshapi.identity.SpiffeId;
import dev.heddle.meshapi.identity.WorkloadCertificate;
import java.nio.file.Files;
import java.nio.file.Path;

/** A certificate as a bootstrap file names it: PEM files, signed by a root that nobody knows. */
public record TlsFiles(Path certificateChain, Path privateKey) {

  public static TlsFiles write(Path directory) throws Exception {
    try (TestAuthority authority = TestAuthority.start()) {
      WorkloadCertificate certificate =
          authority.issue(SpiffeId.of(TestAuthority.TRUST_DOMAIN, "shop", "edge"));
      return new TlsFiles(
          Files.writeString(
              directory.resolve("chain.pem"), Pem.encodeCertificates(certificate.chain())),
          Files.writeString(
              directory.resolve("key.pem"), Pem.encodePrivateKey(certificate.privateKey())));
    }
  }
}
