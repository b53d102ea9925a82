package dev.heddle.ca.signing;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.heddle.ca.authentication.Authenticator;
import dev.heddle.ca.authentication.Caller;
import dev.heddle.ca.authentication.ReviewUnavailableException;
import dev.heddle.ca.authentication.UnauthenticatedException;
import dev.heddle.ca.certificates.CertificateMaker;
import dev.heddle.ca.certificates.InvalidRequestException;
import dev.heddle.ca.certificates.SigningAuthority;
import dev.heddle.ca.certificates.SigningRequest;
import dev.heddle.meshapi.certificate.v1.CertificateAuthorityGrpc;
import dev.heddle.meshapi.certificate.v1.SignCertificateRequest;
import dev.heddle.meshapi.certificate.v1.SignCertificateResponse;
import dev.heddle.meshapi.identity.SpiffeId;
import io.grpc.Context;
import io.grpc.stub.StreamObserver;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Signs the key of a request for the account of the caller's token, and for nothing else. The work
 * is done on a bounded executor; what does not fit is refused, so that a flood of calls cannot hold
 * memory or drown the API server in reviews.
 */
public final class CertificateService
    extends CertificateAuthorityGrpc.CertificateAuthorityImplBase {
  private static final Logger LOGGER = LoggerFactory.getLogger(CertificateService.class);

  private final String trustDomain;
  private final Duration lifetime;
  private final Authenticator authenticator;
  private final CertificateMaker maker;
  private final Supplier<Optional<SigningAuthority>> authority;
  private final SigningMetrics metrics;
  private final Executor executor;

  /**
   * Puts the service together.
   *
   * @param lifetime of a certificate, unless the issuer ends earlier
   * @param executor bounded; may reject
   */
  public CertificateService(
      String trustDomain,
      Duration lifetime,
      Authenticator authenticator,
      CertificateMaker maker,
      Supplier<Optional<SigningAuthority>> authority,
      SigningMetrics metrics,
      Executor executor) {
    this.trustDomain = trustDomain;
    this.lifetime = lifetime;
    this.authenticator = authenticator;
    this.maker = maker;
    this.authority = authority;
    this.metrics = metrics;
    this.executor = executor;
  }

  @Override
  public void signCertificate(
      SignCertificateRequest request, StreamObserver<SignCertificateResponse> responses) {
    String authorization = Authorization.current();
    Context context = Context.current();
    try {
      executor.execute(context.wrap(() -> answer(request, authorization, context, responses)));
    } catch (RejectedExecutionException e) {
      refuse(Refusal.OVERLOADED, "too many requests wait", responses);
    }
  }

  private void answer(
      SignCertificateRequest request,
      @Nullable String authorization,
      Context context,
      StreamObserver<SignCertificateResponse> responses) {
    if (context.isCancelled()) {
      // The caller's deadline passed while the request waited: nobody reads an answer.
      metrics.refused(Refusal.OVERLOADED);
      return;
    }
    try {
      Caller caller = authenticator.authenticate(authorization);
      SignCertificateResponse response = sign(request, caller);
      metrics.signed();
      responses.onNext(response);
      responses.onCompleted();
    } catch (UnauthenticatedException e) {
      refuse(Refusal.UNAUTHENTICATED, e.getMessage(), responses);
    } catch (ReviewUnavailableException e) {
      LOGGER.warn("A token could not be reviewed", e);
      refuse(Refusal.REVIEW_UNAVAILABLE, "tokens cannot be reviewed now", responses);
    } catch (InvalidRequestException e) {
      refuse(Refusal.INVALID_REQUEST, e.getMessage(), responses);
    } catch (AuthorityMissingException e) {
      refuse(Refusal.NOT_READY, e.getMessage(), responses);
    } catch (GeneralSecurityException | RuntimeException e) {
      LOGGER.error("A certificate could not be signed", e);
      refuse(Refusal.FAILED, "the certificate could not be signed", responses);
    }
  }

  private SignCertificateResponse sign(SignCertificateRequest request, Caller caller)
      throws InvalidRequestException, AuthorityMissingException, GeneralSecurityException {
    SpiffeId id = SpiffeId.of(trustDomain, caller.namespace(), caller.serviceAccount());
    SigningRequest verified =
        SigningRequest.verify(request.getCertificateSigningRequest().toByteArray());
    SigningAuthority current = authority.get().orElseThrow(AuthorityMissingException::new);
    List<X509Certificate> chain = current.sign(maker, id, verified.publicKey(), lifetime);
    LOGGER.info("Signed {} for pod {}/{}", id, caller.namespace(), caller.pod());
    return response(chain, current.trustAnchors());
  }

  private static SignCertificateResponse response(
      List<X509Certificate> chain, List<X509Certificate> anchors)
      throws CertificateEncodingException {
    Instant notAfter = chain.getFirst().getNotAfter().toInstant();
    SignCertificateResponse.Builder response =
        SignCertificateResponse.newBuilder()
            .setNotAfter(Timestamp.newBuilder().setSeconds(notAfter.getEpochSecond()));
    for (X509Certificate certificate : chain) {
      response.addCertificateChain(ByteString.copyFrom(certificate.getEncoded()));
    }
    for (X509Certificate anchor : anchors) {
      response.addTrustAnchors(ByteString.copyFrom(anchor.getEncoded()));
    }
    return response.build();
  }

  private void refuse(
      Refusal refusal,
      @Nullable String description,
      StreamObserver<SignCertificateResponse> responses) {
    metrics.refused(refusal);
    LOGGER.debug("Refused: {}: {}", refusal, description);
    responses.onError(
        refusal.status(description == null ? refusal.label() : description).asRuntimeException());
  }

  private static final class AuthorityMissingException extends Exception {
    private static final long serialVersionUID = 1L;

    AuthorityMissingException() {
      super("the CA has no signing certificate yet");
    }
  }
}
