package dev.heddle.dataplane;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.heddle.meshapi.certificate.v1.CertificateAuthorityGrpc.CertificateAuthorityImplBase;
import dev.heddle.meshapi.certificate.v1.SignCertificateRequest;
import dev.heddle.meshapi.certificate.v1.SignCertificateResponse;
import dev.heddle.meshapi.identity.MeshTls;
import dev.heddle.meshapi.identity.Pem;
import dev.heddle.meshapi.identity.SpiffeId;
import dev.heddle.meshapi.identity.WorkloadCertificate;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;

/**
 * A CA in the test's own process that speaks the mesh's protocol. It believes a token that is the
 * SPIFFE id itself.
 */
final class TestAuthority implements AutoCloseable {

  static final String TRUST_DOMAIN = "cluster.local";

  private static final Duration LIFETIME = Duration.ofHours(1);
  private static final X500Name ROOT = new X500Name("CN=test root");
  private static final ExtendedKeyUsage BOTH_ENDS =
      new ExtendedKeyUsage(
          new KeyPurposeId[] {KeyPurposeId.id_kp_clientAuth, KeyPurposeId.id_kp_serverAuth});
  private static final Context.Key<String> TOKEN = Context.key("token");
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private final KeyPair rootKey = newKeyPair();
  private final X509Certificate root;
  private final Server server;

  private TestAuthority() throws GeneralSecurityException, IOException, OperatorException {
    SubjectPublicKeyInfo key = SubjectPublicKeyInfo.getInstance(rootKey.getPublic().getEncoded());
    this.root =
        sign(
            builder(ROOT, key)
                .addExtension(Extension.basicConstraints, true, new BasicConstraints(true))
                .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign)));
    WorkloadCertificate own = issue(SpiffeId.of(TRUST_DOMAIN, "heddle-system", "heddle-ca"));
    this.server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .sslContext(MeshTls.serverWithoutClientCertificates(() -> Optional.of(own)))
            .intercept(new Tokens())
            .addService(new Signing())
            .build()
            .start();
  }

  static TestAuthority start() throws GeneralSecurityException, IOException, OperatorException {
    return new TestAuthority();
  }

  String address() {
    return "127.0.0.1:" + server.getPort();
  }

  List<X509Certificate> trustAnchors() {
    return List.of(root);
  }

  /** A certificate over a key of its own. */
  WorkloadCertificate issue(SpiffeId id)
      throws GeneralSecurityException, IOException, OperatorException {
    KeyPair key = newKeyPair();
    X509Certificate leaf = leaf(id, SubjectPublicKeyInfo.getInstance(key.getPublic().getEncoded()));
    return WorkloadCertificate.of(key.getPrivate(), List.of(leaf), trustAnchors(), id);
  }

  @Override
  public void close() {
    server.shutdownNow();
  }

  private X509Certificate leaf(SpiffeId id, SubjectPublicKeyInfo key)
      throws GeneralSecurityException, IOException, OperatorException {
    GeneralName name = new GeneralName(GeneralName.uniformResourceIdentifier, id.toString());
    return sign(
        builder(new X500Name(""), key)
            .addExtension(Extension.subjectAlternativeName, true, new GeneralNames(name))
            .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
            .addExtension(Extension.extendedKeyUsage, false, BOTH_ENDS));
  }

  private static X509v3CertificateBuilder builder(X500Name subject, SubjectPublicKeyInfo key) {
    Instant now = Instant.now();
    return new X509v3CertificateBuilder(
        ROOT,
        new BigInteger(64, new SecureRandom()),
        Date.from(now.minusSeconds(60)),
        Date.from(now.plus(LIFETIME)),
        subject,
        key);
  }

  private X509Certificate sign(X509v3CertificateBuilder builder)
      throws GeneralSecurityException, IOException, OperatorException {
    return Pem.certificate(
        builder
            .build(new JcaContentSignerBuilder("SHA256withECDSA").build(rootKey.getPrivate()))
            .getEncoded());
  }

  private static KeyPair newKeyPair() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    return generator.generateKeyPair();
  }

  private static final class Tokens implements ServerInterceptor {
    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
      String token =
          String.valueOf(headers.get(AUTHORIZATION)).replaceFirst("^Bearer ", "").strip();
      return Contexts.interceptCall(Context.current().withValue(TOKEN, token), call, headers, next);
    }
  }

  private final class Signing extends CertificateAuthorityImplBase {
    @Override
    public void signCertificate(
        SignCertificateRequest request, StreamObserver<SignCertificateResponse> response) {
      try {
        PKCS10CertificationRequest csr =
            new PKCS10CertificationRequest(request.getCertificateSigningRequest().toByteArray());
        X509Certificate leaf =
            leaf(SpiffeId.parse(String.valueOf(TOKEN.get())), csr.getSubjectPublicKeyInfo());
        response.onNext(
            SignCertificateResponse.newBuilder()
                .addCertificateChain(ByteString.copyFrom(leaf.getEncoded()))
                .addTrustAnchors(ByteString.copyFrom(root.getEncoded()))
                .setNotAfter(
                    Timestamp.newBuilder()
                        .setSeconds(leaf.getNotAfter().toInstant().getEpochSecond()))
                .build());
        response.onCompleted();
      } catch (IOException | GeneralSecurityException | OperatorException e) {
        response.onError(Status.INTERNAL.withCause(e).asRuntimeException());
      }
    }
  }
}
