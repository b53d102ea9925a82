package dev.heddle.meshapi.identity;

import com.google.protobuf.ByteString;
import dev.heddle.meshapi.certificate.v1.CertificateAuthorityGrpc;
import dev.heddle.meshapi.certificate.v1.SignCertificateRequest;
import dev.heddle.meshapi.certificate.v1.SignCertificateResponse;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelOption;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Asks the CA for certificates. The channel lives for one call: a proxy needs it twice a day, and
 * would otherwise pay for its buffers and threads all the time.
 */
final class CertificateAuthorityClient implements CertificateSource {
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  private static final Duration DEADLINE = Duration.ofSeconds(10);
  private static final Duration TERMINATION = Duration.ofSeconds(2);
  private static final int MAX_ANSWER_BYTES = 128 * 1024;
  private static final int MAX_HEADER_BYTES = 8 * 1024;
  private static final int MAX_TOKEN_BYTES = 16 * 1024;
  private static final int MAX_TRUST_ANCHORS = 16;

  private final IdentitySettings settings;

  CertificateAuthorityClient(IdentitySettings settings) {
    this.settings = settings;
  }

  @Override
  public WorkloadCertificate obtain(List<X509Certificate> trustAnchors)
      throws CertificateUnavailableException, IOException, GeneralSecurityException {
    String token = readToken(settings.tokenFile());
    KeyPair keyPair = CertificateSigningRequest.newKeyPair();
    SignCertificateRequest request =
        SignCertificateRequest.newBuilder()
            .setCertificateSigningRequest(
                ByteString.copyFrom(CertificateSigningRequest.encode(keyPair)))
            .build();
    return verified(keyPair, call(request, token, trustAnchors));
  }

  private SignCertificateResponse call(
      SignCertificateRequest request, String token, List<X509Certificate> trustAnchors)
      throws CertificateUnavailableException, IOException {
    Metadata headers = new Metadata();
    headers.put(AUTHORIZATION, "Bearer " + token);
    ManagedChannel channel =
        NettyChannelBuilder.forTarget(settings.certificateAuthorityAddress())
            .sslContext(
                MeshTls.clientWithoutCertificate(
                    () -> trustAnchors, settings.certificateAuthorityId()))
            // The CA is a neighbour: HTTPS_PROXY of the environment is meant for the world outside.
            .proxyDetector(address -> null)
            .withOption(ChannelOption.ALLOCATOR, UnpooledByteBufAllocator.DEFAULT)
            .disableRetry()
            .maxInboundMessageSize(MAX_ANSWER_BYTES)
            .maxInboundMetadataSize(MAX_HEADER_BYTES)
            .build();
    try {
      return CertificateAuthorityGrpc.newBlockingStub(channel)
          .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
          .withDeadlineAfter(DEADLINE.toMillis(), TimeUnit.MILLISECONDS)
          .signCertificate(request);
    } catch (StatusRuntimeException e) {
      throw new CertificateUnavailableException(
          "the CA at "
              + settings.certificateAuthorityAddress()
              + " gave no certificate: "
              + reason(e.getStatus()),
          e);
    } finally {
      terminate(channel);
    }
  }

  /** gRPC's own text of a failed handshake is only "io exception"; the cause says what to do. */
  private static String reason(Status status) {
    Throwable cause = status.getCause();
    Throwable root = cause;
    for (int depth = 0; root != null && root.getCause() != null && depth < 8; depth++) {
      root = root.getCause();
    }
    String text =
        status.getCode() + (status.getDescription() == null ? "" : ": " + status.getDescription());
    return root == null || root.getMessage() == null ? text : text + ": " + root.getMessage();
  }

  private static void terminate(ManagedChannel channel) {
    channel.shutdownNow();
    try {
      channel.awaitTermination(TERMINATION.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private WorkloadCertificate verified(KeyPair keyPair, SignCertificateResponse response)
      throws CertificateException {
    List<X509Certificate> chain =
        parse(
            response.getCertificateChainList(), "certificate chain", CertificateChains.MAX_LENGTH);
    List<X509Certificate> anchors =
        parse(response.getTrustAnchorsList(), "trust anchors", MAX_TRUST_ANCHORS);
    SpiffeId id = CertificateChains.verify(chain, anchors, CertificateChains.Purpose.CLIENT);
    if (!id.equals(settings.id())) {
      throw new CertificateException(
          "the CA signed "
              + id
              + " (expected: "
              + settings.id()
              + ", the account of this workload)");
    }
    if (!chain.getFirst().getPublicKey().equals(keyPair.getPublic())) {
      throw new CertificateException("the CA signed another key than the one asked for");
    }
    return WorkloadCertificate.of(keyPair.getPrivate(), chain, anchors, id);
  }

  private static List<X509Certificate> parse(List<ByteString> encoded, String name, int most)
      throws CertificateException {
    if (encoded.isEmpty() || encoded.size() > most) {
      throw new CertificateException(
          name + " in the CA's answer: " + encoded.size() + " (expected: 1 to " + most + ")");
    }
    List<X509Certificate> certificates = new ArrayList<>(encoded.size());
    for (ByteString der : encoded) {
      certificates.add(Pem.certificate(der.toByteArray()));
    }
    return List.copyOf(certificates);
  }

  private static String readToken(Path file) throws IOException {
    if (Files.size(file) > MAX_TOKEN_BYTES) {
      throw new IOException(file + ": " + Files.size(file) + " bytes (expected: a token)");
    }
    String token = Files.readString(file, StandardCharsets.US_ASCII).strip();
    if (token.isEmpty()) {
      throw new IOException(file + ": empty (expected: a token)");
    }
    return token;
  }
}
