package dev.heddle.e2e.mesh;

import com.google.protobuf.ByteString;
import dev.heddle.meshapi.certificate.v1.CertificateAuthorityGrpc;
import dev.heddle.meshapi.certificate.v1.SignCertificateRequest;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.LocalPortForward;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/** Somebody who asks the CA for a certificate, honestly or not. */
public final class CertificateAuthorityClient implements AutoCloseable {

  private static final int URI_NAME = 6;
  private static final int DNS_NAME = 2;

  private final Mesh mesh;
  private final LocalPortForward forward;
  private final ManagedChannel channel;

  private CertificateAuthorityClient(Mesh mesh, LocalPortForward forward, ManagedChannel channel) {
    this.mesh = mesh;
    this.forward = forward;
    this.channel = channel;
  }

  /**
   * Connects to the CA's pod. The attacker does not care whom it talks to, so the server is not
   * verified.
   */
  public static CertificateAuthorityClient connect(Mesh mesh) {
    Pod pod = mesh.componentPod("heddle-ca");
    LocalPortForward forward =
        mesh.kubernetes()
            .pods()
            .inNamespace(Mesh.NAMESPACE)
            .withName(pod.getMetadata().getName())
            .portForward(15012);
    try {
      ManagedChannel channel =
          NettyChannelBuilder.forAddress("127.0.0.1", forward.getLocalPort())
              .sslContext(
                  GrpcSslContexts.forClient()
                      .trustManager(InsecureTrustManagerFactory.INSTANCE)
                      .build())
              .overrideAuthority("heddle-ca")
              .build();
      return new CertificateAuthorityClient(mesh, forward, channel);
    } catch (IOException failed) {
      throw new UncheckedIOException("TLS to the CA", failed);
    }
  }

  /** A token of the pod's account, bound to the pod, as the kubelet would ask for it. */
  public String boundToken(Pod pod, String audience) {
    TokenRequest request =
        new TokenRequestBuilder()
            .withNewSpec()
            .withAudiences(audience)
            .withExpirationSeconds(600L)
            .withNewBoundObjectRef()
            .withApiVersion("v1")
            .withKind("Pod")
            .withName(pod.getMetadata().getName())
            .withUid(pod.getMetadata().getUid())
            .endBoundObjectRef()
            .endSpec()
            .build();
    return mesh.kubernetes()
        .serviceAccounts()
        .inNamespace(pod.getMetadata().getNamespace())
        .withName(pod.getSpec().getServiceAccountName())
        .tokenRequest(request)
        .getStatus()
        .getToken();
  }

  /** Asks for a certificate in somebody's name. */
  public Signed sign(String token, String uri, String dnsName) {
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
    byte[] leaf =
        CertificateAuthorityGrpc.newBlockingStub(channel)
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
            .withDeadlineAfter(10, TimeUnit.SECONDS)
            .signCertificate(
                SignCertificateRequest.newBuilder()
                    .setCertificateSigningRequest(ByteString.copyFrom(request(uri, dnsName)))
                    .build())
            .getCertificateChain(0)
            .toByteArray();
    try {
      return Signed.of(
          (X509Certificate)
              CertificateFactory.getInstance("X.509")
                  .generateCertificate(new ByteArrayInputStream(leaf)));
    } catch (GeneralSecurityException invalid) {
      throw new AssertionError("the CA answered with no certificate", invalid);
    }
  }

  private static byte[] request(String uri, String dnsName) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      KeyPair key = generator.generateKeyPair();
      ExtensionsGenerator extensions = new ExtensionsGenerator();
      extensions.addExtension(
          Extension.subjectAlternativeName,
          true,
          new GeneralNames(
              new GeneralName[] {
                new GeneralName(GeneralName.uniformResourceIdentifier, uri),
                new GeneralName(GeneralName.dNSName, dnsName)
              }));
      return new JcaPKCS10CertificationRequestBuilder(
              new X500Name("CN=" + dnsName), key.getPublic())
          .addAttribute(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, extensions.generate())
          .build(new JcaContentSignerBuilder("SHA256withECDSA").build(key.getPrivate()))
          .getEncoded();
    } catch (GeneralSecurityException | OperatorCreationException | IOException failed) {
      throw new AssertionError("making a certificate signing request", failed);
    }
  }

  @Override
  public void close() {
    channel.shutdownNow();
    try {
      forward.close();
    } catch (IOException failed) {
      throw new UncheckedIOException("closing the port forward to the CA", failed);
    }
  }

  /** The names in a certificate. */
  public record Signed(String subject, List<String> uris, List<String> dnsNames) {

    static Signed of(X509Certificate certificate) throws GeneralSecurityException {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      return new Signed(
          certificate.getSubjectX500Principal().getName(),
          namesOf(names, URI_NAME),
          namesOf(names, DNS_NAME));
    }

    private static List<String> namesOf(Collection<List<?>> names, int type) {
      return names.stream()
          .filter(name -> name.getFirst().equals(type))
          .map(name -> (String) name.get(1))
          .toList();
    }
  }
}
