package dev.heddle.meshapi.identity;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * Tells a gRPC service who calls it: {@link #current()} while a call is served. A call whose
 * connection proved no identity is refused before the service sees it.
 */
public final class CallerIdentity implements ServerInterceptor {
  private static final Context.Key<SpiffeId> KEY = Context.key("heddle-caller-identity");

  /**
   * The identity of the caller being served on this thread.
   *
   * @throws IllegalStateException outside of a call that passed this interceptor
   */
  public static SpiffeId current() {
    return Optional.ofNullable(KEY.get())
        .orElseThrow(
            () -> new IllegalStateException("no call with a verified caller on this thread"));
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    SpiffeId caller;
    try {
      caller = verified(call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION));
    } catch (SSLPeerUnverifiedException | CertificateParsingException e) {
      call.close(Status.UNAUTHENTICATED.withDescription(e.getMessage()), new Metadata());
      return new ServerCall.Listener<>() {};
    }
    return Contexts.interceptCall(Context.current().withValue(KEY, caller), call, headers, next);
  }

  private static SpiffeId verified(@Nullable SSLSession session)
      throws SSLPeerUnverifiedException, CertificateParsingException {
    if (session == null) {
      throw new SSLPeerUnverifiedException("the connection is not TLS");
    }
    if (session.getPeerCertificates()[0] instanceof X509Certificate leaf) {
      return SpiffeId.fromCertificate(leaf);
    }
    throw new SSLPeerUnverifiedException("the peer's certificate is not X.509");
  }
}
