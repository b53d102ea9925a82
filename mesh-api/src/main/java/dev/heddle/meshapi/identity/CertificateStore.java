package dev.heddle.meshapi.identity;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/**
 * Keeps one certificate over restarts, in one file so that key, chain and anchors can never be of
 * different times: the key, the chain, and the trust anchors under a label of their own. Only the
 * owner may read it; it is replaced by a rename.
 */
final class CertificateStore {
  private static final String FILE = "identity.pem";
  private static final String ANCHOR_LABEL = "HEDDLE TRUST ANCHOR";
  private static final long MAX_BYTES = 1 << 20;

  private final Path file;
  private final Path next;

  CertificateStore(Path directory) {
    this.file = directory.resolve(FILE);
    this.next = directory.resolve(FILE + ".next");
  }

  void keep(WorkloadCertificate certificate) throws IOException, GeneralSecurityException {
    String text =
        Pem.encodePrivateKey(certificate.privateKey())
            + Pem.encodeCertificates(certificate.chain())
            + Pem.encodeCertificates(ANCHOR_LABEL, certificate.trustAnchors());
    Files.deleteIfExists(next);
    Files.createFile(
        next, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(next, text, StandardOpenOption.WRITE, StandardOpenOption.SYNC);
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /**
   * What was kept, if it still proves an identity now.
   *
   * @throws IOException if it cannot be read
   * @throws GeneralSecurityException if it is damaged, expired, or its key is not the leaf's
   */
  Optional<WorkloadCertificate> kept() throws IOException, GeneralSecurityException {
    String text;
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new IOException(file + ": larger than " + MAX_BYTES + " bytes");
      }
      text = Files.readString(file);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    PrivateKey key = Pem.privateKey(text);
    List<X509Certificate> chain = Pem.certificates(text);
    List<X509Certificate> anchors = Pem.certificates(ANCHOR_LABEL, text);
    SpiffeId id = CertificateChains.verify(chain, anchors, CertificateChains.Purpose.CLIENT);
    requirePair(key, chain.getFirst());
    return Optional.of(WorkloadCertificate.of(key, chain, anchors, id));
  }

  private static void requirePair(PrivateKey key, X509Certificate leaf)
      throws GeneralSecurityException {
    byte[] probe = leaf.getEncoded();
    Signature signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(key);
    signature.update(probe);
    byte[] signed = signature.sign();
    signature.initVerify(leaf.getPublicKey());
    signature.update(probe);
    if (!signature.verify(signed)) {
      throw new GeneralSecurityException("the key does not belong to the certificate");
    }
  }
}
