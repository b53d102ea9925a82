package dev.heddle.ca.certificates;

import dev.heddle.meshapi.identity.CertificateSigningRequest;
import dev.heddle.meshapi.identity.SpiffeId;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.regex.Pattern;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * Makes every certificate of Heddle. Serial numbers are 128 random bits; validity begins a little
 * in the past, since the clocks of nodes differ, and never outlives the issuer's.
 */
public final class CertificateMaker {
  /** How far a node's clock may lag behind. */
  public static final Duration CLOCK_SKEW = Duration.ofSeconds(60);

  private static final int SERIAL_BITS = 128;

  /**
   * URI name constraints compare host names, and not every trust domain is one (RFC 5280 section
   * 4.2.1.10).
   */
  private static final Pattern HOST_NAME =
      Pattern.compile("[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z]([a-z0-9-]*[a-z0-9])?)+");

  private final Clock clock;
  private final SecureRandom random;

  public CertificateMaker(Clock clock, SecureRandom random) {
    this.clock = clock;
    this.random = random;
  }

  /** A new self-signed authority over a new key. */
  public KeyedChain root(String commonName, Duration lifetime) throws GeneralSecurityException {
    KeyPair keys = CertificateSigningRequest.newKeyPair();
    X500Principal subject = new X500Principal("CN=" + commonName + " " + mark() + ",O=Heddle");
    JcaX509v3CertificateBuilder builder =
        builder(subject, clock.instant().plus(lifetime), subject, keys.getPublic());
    try {
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
      addAuthorityUsage(builder);
      builder.addExtension(
          Extension.subjectKeyIdentifier,
          false,
          new JcaX509ExtensionUtils().createSubjectKeyIdentifier(keys.getPublic()));
    } catch (IOException e) {
      throw new GeneralSecurityException(e);
    }
    return new KeyedChain(
        keys.getPrivate(), List.of(sign(builder, keys.getPrivate(), keys.getPublic())));
  }

  /**
   * A new authority below a root over a new key, which can sign leaves only, and only of the trust
   * domain.
   *
   * @return with the certificates up to, not including, the anchor
   */
  public KeyedChain intermediate(Root root, String trustDomain, Duration lifetime)
      throws GeneralSecurityException {
    KeyPair keys = CertificateSigningRequest.newKeyPair();
    X500Principal subject = new X500Principal("CN=Heddle intermediate " + mark() + ",O=Heddle");
    JcaX509v3CertificateBuilder builder =
        builder(
            root.certificate().getSubjectX500Principal(),
            earlier(clock.instant().plus(lifetime), root.certificate()),
            subject,
            keys.getPublic());
    try {
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
      addAuthorityUsage(builder);
      addKeyIdentifiers(builder, root.certificate(), keys.getPublic());
      if (HOST_NAME.matcher(trustDomain).matches()) {
        GeneralName domain = new GeneralName(GeneralName.uniformResourceIdentifier, trustDomain);
        builder.addExtension(
            Extension.nameConstraints,
            true,
            new NameConstraints(new GeneralSubtree[] {new GeneralSubtree(domain)}, null));
      }
    } catch (IOException e) {
      throw new GeneralSecurityException(e);
    }
    return below(root, keys, sign(builder, root));
  }

  /**
   * A new server certificate for DNS names over a new key.
   *
   * @return with the certificates up to, not including, the anchor
   */
  public KeyedChain server(Root root, List<String> dnsNames, Duration lifetime)
      throws GeneralSecurityException {
    KeyPair keys = CertificateSigningRequest.newKeyPair();
    JcaX509v3CertificateBuilder builder =
        builder(
            root.certificate().getSubjectX500Principal(),
            earlier(clock.instant().plus(lifetime), root.certificate()),
            new X500Principal(""),
            keys.getPublic());
    GeneralName[] names =
        dnsNames.stream()
            .map(name -> new GeneralName(GeneralName.dNSName, name))
            .toArray(GeneralName[]::new);
    try {
      addLeafExtensions(
          builder, root.certificate(), keys.getPublic(), names, KeyPurposeId.id_kp_serverAuth);
    } catch (IOException e) {
      throw new GeneralSecurityException(e);
    }
    return below(root, keys, sign(builder, root));
  }

  /**
   * A certificate for one workload: its SPIFFE id as the only name, no subject, both sides of TLS.
   */
  public X509Certificate workload(KeyedChain issuer, SpiffeId id, PublicKey key, Duration lifetime)
      throws GeneralSecurityException {
    JcaX509v3CertificateBuilder builder =
        builder(
            issuer.certificate().getSubjectX500Principal(),
            earlier(clock.instant().plus(lifetime), issuer.certificate()),
            new X500Principal(""),
            key);
    GeneralName[] names = {new GeneralName(GeneralName.uniformResourceIdentifier, id.toString())};
    try {
      addLeafExtensions(
          builder,
          issuer.certificate(),
          key,
          names,
          KeyPurposeId.id_kp_clientAuth,
          KeyPurposeId.id_kp_serverAuth);
    } catch (IOException e) {
      throw new GeneralSecurityException(e);
    }
    return sign(builder, issuer.privateKey(), issuer.certificate().getPublicKey());
  }

  private JcaX509v3CertificateBuilder builder(
      X500Principal issuer, Instant notAfter, X500Principal subject, PublicKey key) {
    return new JcaX509v3CertificateBuilder(
        issuer,
        serial(),
        Date.from(clock.instant().minus(CLOCK_SKEW)),
        Date.from(notAfter),
        subject,
        key);
  }

  private static void addAuthorityUsage(JcaX509v3CertificateBuilder builder) throws IOException {
    builder.addExtension(
        Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
  }

  private static void addLeafExtensions(
      JcaX509v3CertificateBuilder builder,
      X509Certificate issuer,
      PublicKey key,
      GeneralName[] names,
      KeyPurposeId... purposes)
      throws IOException, GeneralSecurityException {
    // Critical because the subject is empty (RFC 5280 section 4.2.1.6).
    builder.addExtension(Extension.subjectAlternativeName, true, new GeneralNames(names));
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
    builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
    builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purposes));
    addKeyIdentifiers(builder, issuer, key);
  }

  private static void addKeyIdentifiers(
      JcaX509v3CertificateBuilder builder, X509Certificate issuer, PublicKey key)
      throws IOException, GeneralSecurityException {
    JcaX509ExtensionUtils identifiers = new JcaX509ExtensionUtils();
    builder.addExtension(
        Extension.subjectKeyIdentifier, false, identifiers.createSubjectKeyIdentifier(key));
    builder.addExtension(
        Extension.authorityKeyIdentifier,
        false,
        identifiers.createAuthorityKeyIdentifier(issuer.getPublicKey()));
  }

  private static KeyedChain below(Root root, KeyPair keys, X509Certificate certificate) {
    List<X509Certificate> chain = new ArrayList<>();
    chain.add(certificate);
    chain.addAll(root.below());
    return new KeyedChain(keys.getPrivate(), chain);
  }

  private static X509Certificate sign(JcaX509v3CertificateBuilder builder, Root root)
      throws GeneralSecurityException {
    return sign(builder, root.privateKey(), root.certificate().getPublicKey());
  }

  private static X509Certificate sign(
      JcaX509v3CertificateBuilder builder, PrivateKey key, PublicKey publicKey)
      throws GeneralSecurityException {
    try {
      return new JcaX509CertificateConverter()
          .getCertificate(
              builder.build(
                  new JcaContentSignerBuilder(SignatureAlgorithm.of(publicKey)).build(key)));
    } catch (OperatorCreationException e) {
      throw new GeneralSecurityException(e);
    }
  }

  private static Instant earlier(Instant notAfter, X509Certificate issuer) {
    Instant end = issuer.getNotAfter().toInstant();
    return notAfter.isBefore(end) ? notAfter : end;
  }

  /** Tells authorities apart that follow each other under one name. */
  private String mark() {
    return new BigInteger(32, random).toString(16);
  }

  private BigInteger serial() {
    // Zero is not allowed (RFC 5280 section 4.1.2.2).
    return new BigInteger(SERIAL_BITS, random).max(BigInteger.ONE);
  }
}
